/** Somebody else saved meanwhile: nothing was overwritten, and here is what one can do. */
import { Dialog } from './dialog.js'
import { saveAs } from './selection-edits.js'
import type { Workspace } from './workspace.js'

interface ConflictDialogProps {
  readonly workspace: Workspace
  readonly name: string
  readonly head: number
  readonly onClose: () => void
}

export function ConflictDialog({ workspace, name, head, onClose }: ConflictDialogProps) {
  const { tab } = workspace
  const choose = (work: () => void) => () => {
    onClose()
    work()
  }
  const saveOver = (): void => {
    // On top of theirs: theirs stays as the revision before.
    tab.place.set({ name, revision: head })
    void workspace.save(tab)
  }
  return (
    <Dialog title={`“${name}” was saved elsewhere meanwhile`} onClose={onClose}>
      <p>
        You edited revision {tab.place.state.revision}; revision {head} is there now. Nothing was overwritten, and the
        server keeps both.
      </p>
      <div className="dialog-actions">
        <button type="button" className="button primary" onClick={choose(() => saveAs(workspace))}>
          Save mine under another name…
        </button>
        <button type="button" className="button" onClick={choose(() => void workspace.openWorkflow(name))}>
          Open theirs beside mine
        </button>
        <button type="button" className="button" onClick={choose(saveOver)}>
          Save mine as revision {head + 1}
        </button>
      </div>
    </Dialog>
  )
}
