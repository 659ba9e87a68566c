/** One node: what it is, its fields with their explanations, what is linked, and how its last run went. */
import { type ParamDescription, type Problem, sameJson } from '@dreamgraph/graph'
import { type ReactNode, useId } from 'react'
import { Icon } from '../app/icons.js'
import type { Tab } from '../app/tab.js'
import type { Workspace } from '../app/workspace.js'
import { openWire } from '../canvas/canvas-keys.js'
import { categoryColor } from '../canvas/paint-theme.js'
import { type Face, faceOf } from '../catalogue/face.js'
import { findGraph, graphOf, sameEnd } from '../document/graph.js'
import { paramSource } from '../document/param-value.js'
import { fieldOf } from '../document/problem-place.js'
import { addSeedBatch } from '../document/recipes/batch.js'
import { declareInput, declareOutput, removeInput } from '../document/recipes/interface.js'
import { disconnect } from '../document/recipes/links.js'
import { setTitle } from '../document/recipes/nodes.js'
import { setParam } from '../document/recipes/params.js'
import { seedControlOf, setSeedControl } from '../document/recipes/seeds.js'
import { PromptField } from '../dreamo/prompt-field.js'
import { shortTime } from '../run/short-time.js'
import { useSelect } from '../state/use-select.js'
import { stageType } from '../training/stages.js'
import { Field } from '../widgets/field.js'
import { FieldProblems } from './field-problems.js'
import { FilePicture } from './file-picture.js'

interface NodeDetailsProps {
  readonly workspace: Workspace
  readonly tab: Tab
  readonly id: string
}

export function NodeDetails({ workspace, tab, id }: NodeDetailsProps) {
  const { catalogue } = workspace
  const document = useSelect(tab.store, (state) => state.document)
  const problems = useProblems(workspace, tab, id)
  const graph = findGraph(document, tab.graph)
  const node = graph?.nodes[id]
  if (!graph || !node) return null
  const face = faceOf(document, tab.graph, id, catalogue)
  const fields = new Set([...face.params, ...face.inputs].map(({ name }) => name))
  const hasField = (problem: Problem): boolean => fields.has(fieldOf(problem) ?? '')
  return (
    <>
      <div className="details-head">
        <span className="option-dot" style={{ background: node.ui?.color ?? categoryColor(face.category) }} />
        <input
          className="title-input"
          aria-label="Title of the node"
          value={node.title ?? face.title}
          onChange={(event) =>
            tab.apply(setTitle(tab.graph, id, event.target.value === face.title ? '' : event.target.value))
          }
        />
      </div>
      <p className="dim">
        <code>{face.type}</code> · <code>{id}</code>
      </p>
      {face.description && <p>{face.description}</p>}
      <RunDetails tab={tab} id={id} />
      {node.type === stageType && (
        <button
          type="button"
          className="link"
          onClick={() => workspace.page.set({ right: 'training', losses: undefined })}
        >
          See its losses
        </button>
      )}
      <FieldProblems workspace={workspace} tab={tab} problems={problems.filter((problem) => !hasField(problem))} />
      {face.params.length > 0 && <h3>Params</h3>}
      {face.params.map((param) => (
        <ParamLine key={param.name} workspace={workspace} tab={tab} id={id} param={param} />
      ))}
      <Sockets workspace={workspace} tab={tab} id={id} face={face} />
    </>
  )
}

function RunDetails({ tab, id }: { readonly tab: Tab; readonly id: string }) {
  const run = useSelect(tab.run, ({ nodes }) => nodes.get(tab.runId(id)))
  if (!run) return null
  return (
    <div className={`run-details run-${run.phase}`}>
      <strong>{run.phase === 'ran' ? `ran in ${shortTime(run.durationMs)}` : run.phase}</strong>
      {run.label && <span className="dim"> {run.label}</span>}
      {run.why.length > 0 && <span> because {run.why.join('; ')}</span>}
      {run.error && (
        <p className="bad-text">
          {run.error.message} <code>{run.error.code}</code>
        </p>
      )}
    </div>
  )
}

/** Errors at a node, newest known. */
function useProblems(workspace: Workspace, tab: Tab, id: string): readonly Problem[] {
  const known = workspace.problemsOf(tab)
  return useSelect(known.found, () => known.of(tab.runId(id)))
}

function ParamLine({ workspace, tab, id, param }: NodeDetailsProps & { readonly param: ParamDescription }) {
  const field = useId()
  const graph = useSelect(tab.store, ({ document }) => findGraph(document, tab.graph))
  const source = useSelect(tab.store, ({ document }) => paramSource(graphOf(document, tab.graph), id, param), sameJson)
  const problems = useProblems(workspace, tab, id).filter((problem) => fieldOf(problem) === param.name)
  if (!graph) return null
  const change = { node: id, param: param.name, title: param.title }
  const isRequired = source.kind === 'own' && source.value === undefined
  return (
    <div className={`param-line${isRequired || problems.length > 0 ? ' required' : ''}`} data-field={param.name}>
      <div className="param-head">
        <label htmlFor={field}>{param.title}</label>
        <span className="spring" />
        <ParamActions tab={tab} id={id} param={param} />
      </div>
      {source.kind === 'link' ? (
        <span className="driven" id={field}>
          <Icon name="chevron" size={10} /> from {source.from.node} · {source.from.socket}
        </span>
      ) : (
        <Field
          id={field}
          param={param}
          value={source.value}
          onChange={(value) => tab.apply(setParam(tab.graph, change, value))}
          problem={problems.length > 0 ? `${field}-problem` : undefined}
          upload={(file) => workspace.upload(file)}
          suggestions={
            param.name === 'model' && param.kind === 'text'
              ? workspace.server.state.models.map(({ name }) => name)
              : undefined
          }
          promptField={(props) => <PromptField {...props} tab={tab} catalogue={workspace.catalogue} node={id} />}
          seedControl={seedControlOf(graph.nodes[id], param.name)}
          onSeedControl={(control) => tab.apply(setSeedControl(tab.graph, id, param.name, control))}
        />
      )}
      {source.kind !== 'link' && <FilePicture workspace={workspace} param={param} value={source.value} />}
      <FieldProblems workspace={workspace} tab={tab} problems={problems} id={`${field}-problem`} />
      {param.description && <p className="dim">{param.description}</p>}
    </div>
  )
}

/** Back to the default; an input of the workflow, or not any more. */
function ParamActions({
  tab,
  id,
  param,
}: {
  readonly tab: Tab
  readonly id: string
  readonly param: ParamDescription
}) {
  const source = useSelect(tab.store, ({ document }) => paramSource(graphOf(document, tab.graph), id, param), sameJson)
  const { name, title, type, kind } = param
  if (source.kind === 'link') return null
  return (
    <>
      {source.kind === 'own' && !source.isDefault && param.default !== undefined && (
        <SmallButton
          label={`${title}: back to the default`}
          icon="undo"
          onClick={() => tab.apply(setParam(tab.graph, { node: id, param: name, title }, undefined))}
        />
      )}
      {kind === 'seed' && (
        <SmallButton
          label={`${title}: a batch, once for each of four seeds`}
          icon="batch"
          onClick={() => tab.apply(addSeedBatch(tab.graph, { node: id, socket: name }, 4))}
        />
      )}
      {source.kind === 'input' ? (
        <SmallButton
          label={`${title} is the input “${source.name}”; make it plain again`}
          icon="inputs"
          isOn
          onClick={() => tab.apply(removeInput(tab.graph, source.name))}
        />
      ) : (
        <SmallButton
          label={`Make ${title} an input of the workflow`}
          icon="inputs"
          onClick={() =>
            tab.apply(
              declareInput(tab.graph, {
                name,
                type,
                title,
                to: { node: id, socket: name, kind: 'param' },
                default: source.value,
              }),
            )
          }
        />
      )}
    </>
  )
}

function Sockets({ workspace, tab, id, face }: NodeDetailsProps & { readonly face: Face }) {
  const graph = useSelect(tab.store, ({ document }) => findGraph(document, tab.graph))
  const links = graph?.links ?? []
  const connect = (side: 'input' | 'output', socket: string): void => {
    if (workspace.canvas) openWire(workspace, workspace.canvas, { node: id, side, socket })
  }
  const line = (side: 'input' | 'output', port: Face['inputs'][number], ends: ReactNode) => (
    <li key={`${side} ${port.name}`} data-field={side === 'input' ? port.name : undefined}>
      <span className="option-dot" style={{ background: workspace.catalogue.color(port.type) }} />
      <span title={port.description}>{port.title}</span>
      <span className="dim">{port.list ? `list of ${port.type}` : port.type}</span>
      <span className="spring" />
      {ends}
      <SmallButton label={`Connect ${port.title}`} icon="add" onClick={() => connect(side, port.name)} />
    </li>
  )
  return (
    <>
      {face.inputs.length > 0 && <h3>Takes</h3>}
      <ul className="sockets">
        {face.inputs.map((port) => {
          const into = links.filter(({ to }) => sameEnd(to, { node: id, socket: port.name }))
          const ends = into.map((link) => (
            <span className="end" key={`${link.from.node} ${link.from.socket}`}>
              <button type="button" className="link" onClick={() => tab.select([link.from.node])}>
                {link.from.node}
              </button>
              <SmallButton
                label={`Disconnect ${link.from.node}`}
                icon="close"
                onClick={() => tab.apply(disconnect(tab.graph, [link]))}
              />
            </span>
          ))
          return line(
            'input',
            port,
            into.length === 0 && !port.optional ? <span className="bad-text">missing</span> : ends,
          )
        })}
      </ul>
      {face.outputs.length > 0 && <h3>Gives</h3>}
      <ul className="sockets">
        {face.outputs.map((port) => {
          const count = links.filter(({ from }) => sameEnd(from, { node: id, socket: port.name })).length
          const isDeclared = Object.values(graph?.outputs ?? {}).some(({ from }) =>
            sameEnd(from, { node: id, socket: port.name }),
          )
          return line(
            'output',
            port,
            <>
              {count > 0 && <span className="dim">{count === 1 ? '1 link' : `${count} links`}</span>}
              {!isDeclared && (
                <SmallButton
                  label={`Make ${port.title} an output of the workflow`}
                  icon="inputs"
                  onClick={() =>
                    tab.apply(
                      declareOutput(tab.graph, port.name, port.list ? `list<${port.type}>` : port.type, {
                        node: id,
                        socket: port.name,
                      }),
                    )
                  }
                />
              )}
            </>,
          )
        })}
      </ul>
    </>
  )
}

interface SmallButtonProps {
  readonly label: string
  readonly icon: 'undo' | 'inputs' | 'add' | 'close' | 'trash' | 'edit' | 'batch'
  readonly onClick: () => void
  readonly isOn?: boolean
}

export function SmallButton({ label, icon, onClick, isOn }: SmallButtonProps) {
  return (
    <button
      type="button"
      className={`small-button${isOn ? ' on' : ''}`}
      aria-label={label}
      title={label}
      onClick={onClick}
    >
      <Icon name={icon} size={12} />
    </button>
  )
}
