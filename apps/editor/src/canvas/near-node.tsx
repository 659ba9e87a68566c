/** A mounted node: header, sockets, fields, picture, and how its run goes. Heights come from its layout, to the pixel. */
import { memo, useState } from 'react'
import { Icon } from '../app/icons.js'
import type { Tab } from '../app/tab.js'
import { fieldOf } from '../document/problem-place.js'
import { setTitle } from '../document/recipes/nodes.js'
import type { NodeRun } from '../run/run-state.js'
import { shortTime } from '../run/short-time.js'
import { useSelect } from '../state/use-select.js'
import type { NodeContext } from './node-context.js'
import type { Row } from './node-layout.js'
import { NodeParam } from './node-param.js'
import { NodeSocket } from './node-socket.js'
import { categoryColor } from './paint-theme.js'
import type { SceneNode } from './scene.js'

export const NearNode = memo(function NearNode({
  id,
  context,
}: {
  readonly id: string
  readonly context: NodeContext
}) {
  const { canvas, tab } = context
  const box = useSelect(canvas.changes, () => canvas.scene.nodes.get(id))
  const isSelected = useSelect(tab.view, ({ nodes }) => nodes.has(id))
  const run = useSelect(tab.run, ({ nodes }) => nodes.get(tab.runId(id)))
  const problems = useSelect({ state: context.problems, subscribe: context.problems.subscribe }, (known) =>
    known.of(id),
  )
  if (!box) return null
  const { node, face, layout } = box
  const classes = ['node', isSelected && 'selected', node.mode, run && `run-${run.phase}`, !face.isKnown && 'unknown']
  if (problems.length > 0) classes.push('has-problem')
  const color = node.ui?.color ?? categoryColor(face.category)
  return (
    <section
      className={classes.filter(Boolean).join(' ')}
      data-node={id}
      aria-label={`${node.title ?? face.title}${node.mode ? `, ${node.mode}` : ''}`}
      style={{ width: layout.w, height: layout.h, '--tint': color } as React.CSSProperties}
    >
      <Header box={box} run={run} problems={problems} tab={tab} />
      {layout.rows.map((row) => {
        const name = row.kind === 'param' ? row.param.name : row.kind === 'sockets' ? row.input?.name : undefined
        const wrong = name === undefined ? undefined : problems.find((problem) => fieldOf(problem) === name)?.message
        return (
          <div
            className={`row row-${row.kind}${wrong === undefined ? '' : ' has-problem'}`}
            key={keyOf(row)}
            style={{ top: row.y, height: row.h }}
            title={wrong}
          >
            <RowBody row={row} box={box} context={context} />
          </div>
        )
      })}
      {layout.rows.length > 0 && <span className="resize" data-resize aria-hidden="true" />}
    </section>
  )
})

function Header({
  box,
  run,
  problems,
  tab,
}: {
  readonly box: SceneNode
  readonly run: NodeRun | undefined
  readonly problems: readonly { readonly message: string }[]
  readonly tab: Tab
}) {
  const { node, face, id } = box
  const [isRenaming, setRenaming] = useState(false)
  const title = node.title ?? face.title
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: renaming by keyboard is in the panel of details
    <header className="node-header" title={face.description} onDoubleClick={() => !face.component && setRenaming(true)}>
      <span className="node-dot" />
      {isRenaming ? (
        <input
          className="node-rename"
          aria-label="Title"
          // biome-ignore lint/a11y/noAutofocus: the field appears because the user asked to type here
          autoFocus
          defaultValue={title}
          onBlur={() => setRenaming(false)}
          onChange={(event) =>
            tab.apply(setTitle(tab.graph, id, event.target.value === face.title ? '' : event.target.value))
          }
          onKeyDown={(event) => {
            event.stopPropagation()
            if (event.key === 'Enter' || event.key === 'Escape') setRenaming(false)
          }}
        />
      ) : (
        <span className="node-title">{title}</span>
      )}
      {node.mode && <span className="badge">{node.mode === 'mute' ? 'muted' : 'bypassed'}</span>}
      {face.component && <Icon name="component" size={13} />}
      <RunBadge run={run} />
      {(run?.error || problems.length > 0) && (
        <span
          className="badge bad"
          role="img"
          aria-label={run?.error?.message ?? problems[0]?.message}
          title={[run?.error?.message, ...problems.map(({ message }) => message)].filter(Boolean).join('\n')}
        >
          <Icon name="problem" size={13} />
        </span>
      )}
      {run?.phase === 'running' && (
        <span className={`node-progress${run.progress === undefined ? ' unknown' : ''}`}>
          <span style={{ width: `${(run.progress ?? 0.3) * 100}%` }} />
        </span>
      )}
    </header>
  )
}

function RunBadge({ run }: { readonly run: NodeRun | undefined }) {
  if (!run) return null
  const why = run.why.join('\n')
  if (run.phase === 'running') {
    return (
      <span className="badge live">
        {run.progress === undefined ? 'running' : `${Math.round(run.progress * 100)} %`}
      </span>
    )
  }
  if (run.phase === 'cached')
    return (
      <span className="badge" title={why || 'Found in the cache'}>
        cached
      </span>
    )
  if (run.phase === 'ran')
    return (
      <span className="badge good" title={why}>
        {shortTime(run.durationMs)}
      </span>
    )
  if (run.phase === 'failed') return <span className="badge bad">failed</span>
  return null
}

function RowBody({ row, box, context }: { readonly row: Row; readonly box: SceneNode; readonly context: NodeContext }) {
  const { canvas, catalogue } = context
  if (row.kind === 'picture') return <Picture box={box} context={context} />
  if (row.kind === 'param') return <NodeParam box={box} param={row.param} context={context} />
  return (
    <>
      {row.input && (
        <>
          <NodeSocket canvas={canvas} catalogue={catalogue} owner={box.id} side="input" port={row.input} />
          <span className={`socket-name${row.input.optional ? ' optional' : ''}`} title={row.input.description}>
            {row.input.title}
          </span>
        </>
      )}
      <span className="spring" />
      {row.output && (
        <>
          <span className="socket-name" title={row.output.description}>
            {row.output.title}
          </span>
          <NodeSocket canvas={canvas} catalogue={catalogue} owner={box.id} side="output" port={row.output} />
        </>
      )}
    </>
  )
}

function Picture({ box, context }: { readonly box: SceneNode; readonly context: NodeContext }) {
  const url = useSelect(context.canvas.changes, () => context.pictureUrl(box.id))
  return url ? (
    <img className="node-picture" src={url} alt={`${box.node.title ?? box.face.title}: result`} draggable={false} />
  ) : null
}

const keyOf = (row: Row): string => {
  if (row.kind === 'param') return `param ${row.param.name}`
  return row.kind === 'picture' ? 'picture' : `sockets ${row.input?.name} ${row.output?.name}`
}
