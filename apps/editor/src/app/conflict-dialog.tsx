/** Somebody else saved meanwhile, or the name is taken: nothing was overwritten, and here is what one can do. */
import { parseWorkflow, type Workflow } from '@dreamgraph/graph'
import { useEffect, useState } from 'react'
import { type Difference, differenceOf } from '../document/difference.js'
import { Dialog } from './dialog.js'
import { saveAs } from './selection-edits.js'
import type { Tab } from './tab.js'
import type { Workspace } from './workspace.js'

interface ConflictDialogProps {
  readonly workspace: Workspace
  /** Whose save was refused; another may be in front by now. */
  readonly tab: Tab
  readonly name: string
  readonly head: number
  readonly onClose: () => void
}

export function ConflictDialog({ workspace, tab, name, head, onClose }: ConflictDialogProps) {
  const { name: own, revision } = tab.place.state
  const isOwn = own === name
  const choose = (work: () => void) => () => {
    onClose()
    work()
  }
  const saveOver = (): void => {
    // On top of theirs: theirs stays as the revision before.
    void workspace.save(tab, { name, revision: head })
  }
  return (
    <Dialog
      title={isOwn ? `“${name}” was saved elsewhere meanwhile` : `There is a “${name}” already`}
      onClose={onClose}
    >
      <p>
        {isOwn ? `You edited revision ${revision}; revision ${head} is there now.` : `It is at revision ${head}.`}{' '}
        Nothing was overwritten, and whatever you choose, the server keeps both.
      </p>
      <TheirChanges workspace={workspace} name={name} mine={tab.store.document} />
      <div className="dialog-actions">
        <button type="button" className="button primary" onClick={choose(() => saveAs(workspace, tab))}>
          Save mine under another name…
        </button>
        <button type="button" className="button" onClick={choose(() => void workspace.openWorkflow(name))}>
          Open theirs beside mine
        </button>
        <button type="button" className="button" onClick={choose(saveOver)}>
          Save mine on top of theirs
        </button>
      </div>
    </Dialog>
  )
}

/** What the other version has and has not, seen from this one. */
function TheirChanges({ workspace, name, mine }: { workspace: Workspace; name: string; mine: Workflow }) {
  const [difference, setDifference] = useState<Difference | undefined>(undefined)
  useEffect(() => {
    let isGone = false
    void workspace.attempt(async () => {
      const { text } = await workspace.backend.open(name)
      if (!isGone) setDifference(differenceOf(mine, parseWorkflow(text).document))
    })
    return () => {
      isGone = true
    }
  }, [workspace, name, mine])
  if (!difference) return <p className="dim">Comparing both…</p>
  const { added, removed, changed, linksAdded, linksRemoved, others } = difference
  const lines = [
    ['Nodes that only theirs has', added.join(', ')],
    ['Nodes that only yours has', removed.join(', ')],
    ['Nodes that differ', changed.join(', ')],
    [
      'Links',
      [linksAdded > 0 && `${linksAdded} more in theirs`, linksRemoved > 0 && `${linksRemoved} more in yours`]
        .filter(Boolean)
        .join(', '),
    ],
    ['Also different', others.join(', ')],
  ].filter(([, what]) => what !== '')
  if (lines.length === 0) return <p>Both are the same but for where nodes stand.</p>
  return (
    <dl className="need difference">
      {lines.map(([title, what]) => (
        <div key={title}>
          <dt>{title}</dt>
          <dd>{what}</dd>
        </div>
      ))}
    </dl>
  )
}
