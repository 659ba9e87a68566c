/** Everything that the checker finds; a click goes there. */
import type { Problem } from '@dreamgraph/graph'
import { Icon } from '../app/icons.js'
import { fixOf } from '../app/problem-fixes.js'
import type { Workspace } from '../app/workspace.js'
import { fieldOf } from '../document/problem-place.js'
import { useSelect } from '../state/use-select.js'
import { goToProblem, type Trouble } from './go-to-problem.js'
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
        <Entry
          key={id}
          tone="bad"
          trouble={{ node: id }}
          message={error!.message}
          code={error!.code}
          workspace={workspace}
        />
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
  const { tab, catalogue } = workspace
  const fix = fixOf(problem, tab.store.document, catalogue)
  return (
    <Entry
      tone={tone}
      trouble={{ node, path, field: fieldOf(problem) }}
      message={message}
      code={code}
      suggestion={suggestion}
      workspace={workspace}
      fix={fix && { label: fix.label, apply: () => tab.apply(fix.recipe) }}
    />
  )
}

interface EntryProps {
  readonly tone: 'bad' | 'warn'
  readonly trouble: Trouble
  readonly message: string
  readonly code: string
  readonly suggestion?: string
  readonly workspace: Workspace
  readonly fix?: { readonly label: string; readonly apply: () => void }
}

function Entry({ tone, trouble, message, code, suggestion, workspace, fix }: EntryProps) {
  return (
    <div className={`problem ${tone}`}>
      <button type="button" className="problem-go" onClick={() => goToProblem(workspace, trouble)}>
        <Icon name="problem" size={14} />
        <span>
          {message}
          {suggestion && <em> Did you mean “{suggestion}”?</em>}
          <span className="dim code">{code}</span>
        </span>
      </button>
      {fix && (
        <button type="button" className="link" onClick={fix.apply}>
          {fix.label}
        </button>
      )}
    </div>
  )
}
