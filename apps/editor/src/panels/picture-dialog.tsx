/** One picture, as large as the page, with the run that made it. */
import { Dialog } from '../app/dialog.js'
import { Icon } from '../app/icons.js'
import type { Workspace } from '../app/workspace.js'

interface PictureDialogProps {
  readonly workspace: Workspace
  readonly digest: string
  readonly onClose: () => void
}

export function PictureDialog({ workspace, digest, onClose }: PictureDialogProps) {
  const { backend, server } = workspace
  const job = server.state.jobs.find(({ outputs }) => outputs.some((output) => output.digest === digest))
  const output = job?.outputs.find((other) => other.digest === digest)
  const title = output?.file ?? job?.title ?? 'Picture'
  const url = backend.artifactUrl(digest)
  const open = async (): Promise<void> => {
    if (!job) return
    onClose()
    await workspace.attempt(async () => workspace.openText(await backend.jobWorkflow(job.id), job.title))
  }
  return (
    <Dialog title={title} onClose={onClose} wide>
      <div className="picture-view">
        <img src={url} alt={title} />
      </div>
      <footer className="picture-footer">
        {output?.width && (
          <span className="dim">
            {output.width} × {output.height}
          </span>
        )}
        <span className="spring" />
        <a className="button" href={url} download={output?.file ?? 'picture.png'}>
          <Icon name="download" size={13} /> Save as a file
        </a>
        {job && (
          <button type="button" className="button primary" onClick={() => void open()}>
            <Icon name="file" size={13} /> Open its workflow
          </button>
        )}
      </footer>
    </Dialog>
  )
}
