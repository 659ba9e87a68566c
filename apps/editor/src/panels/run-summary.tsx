/** Where the time of the newest run went, and why each node ran or did not. */
import type { Tab } from '../app/tab.js'
import type { NodeRun } from '../run/run-state.js'
import { shortTime } from '../run/short-time.js'
import { useSelect } from '../state/use-select.js'

export function RunSummary({ tab }: { readonly tab: Tab }) {
  const { nodes, durationMs, state } = useSelect(tab.run, (run) => run)
  if (nodes.size === 0) return null
  const longest = Math.max(1, ...[...nodes.values()].map((node) => node.durationMs ?? 0))
  const sorted = [...nodes].toSorted(([, a], [, b]) => (b.durationMs ?? -1) - (a.durationMs ?? -1))
  const cached = sorted.filter(([, { phase }]) => phase === 'cached').length
  return (
    <details className="run-summary">
      <summary>
        Newest run
        <span className="dim">
          {state === 'finished' ? shortTime(durationMs) : state}
          {cached > 0 && `, ${cached} of ${nodes.size} from the cache`}
        </span>
      </summary>
      <ul>
        {sorted.map(([id, node]) => (
          <li key={id} title={node.why.join('\n')}>
            <button type="button" className="link" onClick={() => tab.select([id.split('/').at(-1)!])}>
              {id}
            </button>
            <span className="dim">{timeOf(node)}</span>
            <span className="time-bar">
              <span style={{ width: `${((node.durationMs ?? 0) / longest) * 100}%` }} />
            </span>
            {node.why.length > 0 && <span className="dim why">{node.why.join('; ')}</span>}
          </li>
        ))}
      </ul>
    </details>
  )
}

const timeOf = ({ phase, durationMs }: NodeRun): string => (durationMs === undefined ? phase : shortTime(durationMs))
