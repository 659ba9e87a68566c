/** Everything that the checker finds; a click goes there. */
import type { Problem } from '@dreamgraph/graph'
import { Icon } from '../app/icons.js'
import type { Workspace } from '../app/workspace.js'
import { useSelect } from '../state/use-select.js'
import { Panel } from './panel.js'

export function ProblemsPanel({ workspace }: { readonly workspace: Workspace }) {
  const tab = useSelect(workspace.page, () => workspace.tab)
  const { errors, warnings } = useSelect(workspace.problemsOf(tab).found, (found) => found)
  const failures = useSelect(tab.run, ({ nodes }) => nodes)
  const failed = [...failures].filter(([, node]) => node.error !== undefined)
  const isFine = errors.length + warnings.length + failed.length === 0
  return (
    <Panel title="Problems" side="right" workspace={workspace}>
      {isFine && (
        <p className="panel-empty good-text">
          <Icon name="check" /> Everything fits.
        </p>
      )}
      {failed.map(([id, { error }]) => (
        <Entry key={id} tone="bad" node={id} message={error!.message} code={error!.code} workspace={workspace} />
      ))}
      {errors.map((problem) => (
        <ProblemEntry key={keyOf(problem)} problem={problem} tone="bad" workspace={workspace} />
      ))}
      {warnings.length > 0 && <h3>Warnings</h3>}
      {warnings.map((problem) => (
        <ProblemEntry key={keyOf(problem)} problem={problem} tone="warn" workspace={workspace} />
      ))}
    </Panel>
  )
}

const keyOf = ({ code, path, message }: Problem): string => `${code} ${path} ${message}`

function ProblemEntry({ problem, tone, workspace }: { problem: Problem; tone: 'bad' | 'warn'; workspace: Workspace }) {
  const { message, code, suggestion, node, path } = problem
  return (
    <Entry
      tone={tone}
      node={node}
      message={message}
      code={code}
      path={path}
      suggestion={suggestion}
      workspace={workspace}
    />
  )
}

interface EntryProps {
  readonly tone: 'bad' | 'warn'
  readonly node?: string
  readonly message: string
  readonly code: string
  readonly path?: string
  readonly suggestion?: string
  readonly workspace: Workspace
}

function Entry({ tone, node, message, code, path, suggestion, workspace }: EntryProps) {
  const go = (): void => goToProblem(workspace, { node, path })
  return (
    <button type="button" className={`problem ${tone}`} onClick={go}>
      <Icon name="problem" size={14} />
      <span>
        {message}
        {suggestion && <em> Did you mean “{suggestion}”?</em>}
        <span className="dim code">{code}</span>
      </span>
    </button>
  )
}

/** To the node; or to the field of a workflow's input, which no node has. */
function goToProblem(workspace: Workspace, { node, path }: { node?: string; path?: string }): void {
  const { tab, canvas, page } = workspace
  const input = /^\/inputs\/([^/]+)/.exec(path ?? '')?.[1]
  if (input !== undefined) {
    tab.clearSelection()
    page.set({ right: 'details' })
    requestAnimationFrame(() => {
      const line = document.querySelector<HTMLElement>(`[data-input="${CSS.escape(input)}"]`)
      line?.scrollIntoView({ block: 'nearest' })
      line?.querySelector<HTMLElement>('input, textarea, select')?.focus()
    })
    return
  }
  const owner =
    node ??
    /^\/nodes\/([^/]+)/
      .exec(path ?? '')?.[1]
      ?.replaceAll('~1', '/')
      .replaceAll('~0', '~')
  if (owner === undefined) return
  const before = tab.runId('')
  const [id] = (owner.startsWith(before) ? owner.slice(before.length) : owner).split('/')
  tab.select([id!])
  canvas?.reveal(id!)
}
