/** What became of each node of a ComfyUI flow: what is the same, what was guessed, what there is nothing for. */
import type { ImportEntry } from '@dreamgraph/protocol'
import { Dialog } from './dialog.js'
import { Icon, type IconName } from './icons.js'
import type { Workspace } from './workspace.js'

interface ImportReportDialogProps {
  readonly workspace: Workspace
  readonly title: string
  readonly report: readonly ImportEntry[]
  readonly onClose: () => void
}

/** The worst first: it is what one has to do something about. */
const kinds: readonly (readonly [ImportEntry['kind'], string, IconName, string])[] = [
  ['refused', 'Refused', 'close', 'There is nothing here that does the same; the flow runs without it, or not at all.'],
  ['guessed', 'Guessed', 'problem', 'Near, but not certain to be the same: worth a look.'],
  ['mapped', 'Mapped', 'check', 'Does the same here.'],
]

export function ImportReportDialog({ workspace, title, report, onClose }: ImportReportDialogProps) {
  const go = (node: string): void => {
    onClose()
    workspace.tab.select([node])
    workspace.canvas?.reveal(node)
  }
  return (
    <Dialog title={`${title}: imported from ComfyUI`} onClose={onClose}>
      <p className="import-counts">
        {kinds.map(([kind, name, icon]) => (
          <span key={kind} className={`import-${kind}`}>
            <Icon name={icon} size={13} /> {report.filter((entry) => entry.kind === kind).length} {name.toLowerCase()}
          </span>
        ))}
      </p>
      <div className="import-report">
        {kinds.map(([kind, name, icon, meaning]) => {
          const entries = report.filter((entry) => entry.kind === kind)
          if (entries.length === 0) return null
          return (
            <details key={kind} open={kind !== 'mapped'} className={`import-${kind}`}>
              <summary>
                <Icon name={icon} size={13} /> {name} <span className="import-meaning">{meaning}</span>
              </summary>
              <ul>
                {entries.map((entry) => (
                  <Entry key={`${entry.node} ${entry.what}`} entry={entry} onGo={go} />
                ))}
              </ul>
            </details>
          )
        })}
      </div>
      <div className="dialog-actions">
        <button type="button" className="button primary" onClick={onClose}>
          Go to the workflow
        </button>
      </div>
    </Dialog>
  )
}

function Entry({ entry, onGo }: { readonly entry: ImportEntry; readonly onGo: (node: string) => void }) {
  const { node, class: type, what, why, nodes } = entry
  return (
    <li>
      <span>
        <code>{type}</code> <span className="dim">node {node}</span>
      </span>
      <span>{[what, why].filter(Boolean).join(': ')}</span>
      {nodes.length > 0 && (
        <span className="dim">
          here{' '}
          {nodes.map((ours) => (
            <button type="button" className="link" key={ours} onClick={() => onGo(ours)}>
              {ours}
            </button>
          ))}
        </span>
      )}
    </li>
  )
}
