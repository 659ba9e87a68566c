/** Every save of a workflow that the server keeps; one can be opened beside, also one that lost a race. */
import type { Revision } from '@dreamgraph/protocol'
import { useEffect, useState } from 'react'
import type { Tab } from '../app/tab.js'
import type { Workspace } from '../app/workspace.js'
import { useSelect } from '../state/use-select.js'

export function Revisions({ workspace, tab }: { readonly workspace: Workspace; readonly tab: Tab }) {
  const { name, revision } = useSelect(tab.place, (place) => place)
  const [revisions, setRevisions] = useState<readonly Revision[]>([])
  // biome-ignore lint/correctness/useExhaustiveDependencies: a save changes the revision, and with it the list
  useEffect(() => {
    setRevisions([])
    if (name === undefined) return
    let isGone = false
    void workspace.attempt(async () => {
      const found = await workspace.backend.revisions(name)
      if (!isGone) setRevisions(found)
    })
    return () => {
      isGone = true
    }
  }, [workspace, name, revision])
  if (name === undefined) return <p className="dim">Saved workflows keep every revision; this one is not saved yet.</p>
  return (
    <ol className="history">
      {revisions.map((known) => (
        <li key={known.revision}>
          <button
            type="button"
            aria-current={known.revision === revision ? 'true' : undefined}
            disabled={known.revision === revision}
            onClick={() => void workspace.openRevision(name, known.revision)}
          >
            {known.revision}
            <span className="dim">
              {new Date(known.savedAtMs).toLocaleString([], { dateStyle: 'medium', timeStyle: 'short' })}
              {known.conflict && ', kept aside'}
              {known.revision === revision && ', open here'}
            </span>
          </button>
        </li>
      ))}
    </ol>
  )
}
