/** The open graph as a function: its inputs with their values, and its outputs. The form for those who only run it. */
import type { DeclaredInput, ParamDescription } from '@dreamgraph/graph'
import { useId, useState } from 'react'
import type { Tab } from '../app/tab.js'
import type { Workspace } from '../app/workspace.js'
import { faceOf } from '../catalogue/face.js'
import { findGraph } from '../document/graph.js'
import { placeOf } from '../document/problem-place.js'
import { removeInput, removeOutput, setDescription, setInputDefault } from '../document/recipes/interface.js'
import { PromptField } from '../dreamo/prompt-field.js'
import { useSelect } from '../state/use-select.js'
import { Field } from '../widgets/field.js'
import { FieldProblems } from './field-problems.js'
import { FilePicture } from './file-picture.js'
import { InputWords } from './input-words.js'
import { SmallButton } from './node-details.js'
import { RunSummary } from './run-summary.js'

interface WorkflowDetailsProps {
  readonly workspace: Workspace
  readonly tab: Tab
}

export function WorkflowDetails({ workspace, tab }: WorkflowDetailsProps) {
  const document = useSelect(tab.store, (state) => state.document)
  const graph = findGraph(document, tab.graph)
  const title = useSelect(tab.place, (place) => place.title)
  if (!graph) return null
  const inputs = Object.entries(graph.inputs ?? {})
  const outputs = Object.entries(graph.outputs ?? {})
  return (
    <>
      <div className="details-head">
        <strong className="title">{tab.graph ?? title}</strong>
      </div>
      <textarea
        className="field text description"
        aria-label="What it is for"
        placeholder="What it is for"
        value={graph.description ?? ''}
        onChange={(event) => tab.apply(setDescription(tab.graph, event.target.value))}
      />
      <RunSummary tab={tab} />
      {inputs.length > 0 && (
        <h3 className="with-action">
          Inputs
          <span className="spring" />
          {tab.graph === null && (
            <button type="button" className="link" onClick={() => workspace.page.set({ dialog: 'run-form' })}>
              Run with other values…
            </button>
          )}
        </h3>
      )}
      {inputs.map(([name, input]) => (
        <InputLine key={name} workspace={workspace} tab={tab} name={name} input={input} />
      ))}
      {inputs.length === 0 && (
        <p className="dim">
          A param of a node can be made an input of the workflow: then it can be set here, and by name from the shell,
          over HTTP and in code.
        </p>
      )}
      {outputs.length > 0 && <h3>Outputs</h3>}
      <ul className="sockets">
        {outputs.map(([name, { type, from }]) => (
          <li key={name}>
            <span className="option-dot" style={{ background: workspace.catalogue.color(type) }} />
            {name}
            <span className="dim">{type}</span>
            <span className="spring" />
            <button type="button" className="link" onClick={() => tab.select([from.node])}>
              {from.node}
            </button>
            <SmallButton
              label={`Remove the output ${name}`}
              icon="close"
              onClick={() => tab.apply(removeOutput(tab.graph, name))}
            />
          </li>
        ))}
      </ul>
    </>
  )
}

function InputLine({
  workspace,
  tab,
  name,
  input,
}: WorkflowDetailsProps & { readonly name: string; readonly input: DeclaredInput }) {
  const field = useId()
  const [isEditing, setEditing] = useState(false)
  const param = paramOf(workspace, tab, name, input)
  const target = input.to[0]
  const document = useSelect(tab.store, (state) => state.document)
  const own = target?.param && findGraph(document, tab.graph)?.nodes[target.node]?.params?.[target.param]
  const value = input.default ?? own ?? param?.default
  const { errors } = useSelect(workspace.problemsOf(tab).found, (found) => found)
  const problems = errors.filter(({ path }) => {
    const place = placeOf(path)
    return place.graph === tab.graph && place.input === name
  })
  return (
    <div className={`param-line${value === undefined || problems.length > 0 ? ' required' : ''}`} data-input={name}>
      <div className="param-head">
        <label htmlFor={field}>{input.title ?? name}</label>
        <code className="dim">{name}</code>
        <span className="spring" />
        <SmallButton
          label={`${name}: title and description`}
          icon="edit"
          isOn={isEditing}
          onClick={() => setEditing(!isEditing)}
        />
        <SmallButton
          label={`${name}: not an input any more`}
          icon="close"
          onClick={() => tab.apply(removeInput(tab.graph, name))}
        />
      </div>
      {isEditing && <InputWords tab={tab} name={name} input={input} />}
      {param ? (
        <Field
          id={field}
          param={param}
          value={value}
          onChange={(next) => tab.apply(setInputDefault(tab.graph, name, next))}
          problem={problems.length > 0 ? `${field}-problem` : undefined}
          upload={(file) => workspace.upload(file)}
          suggestions={target?.param === 'model' ? workspace.server.state.models.map((model) => model.name) : undefined}
          promptField={(props) => (
            <PromptField {...props} tab={tab} catalogue={workspace.catalogue} node={target!.node} />
          )}
        />
      ) : (
        <span className="dim" id={field}>
          {input.type}
        </span>
      )}
      {param && <FilePicture workspace={workspace} param={param} value={value} />}
      <FieldProblems workspace={workspace} tab={tab} problems={problems} id={`${field}-problem`} />
      {input.description && !isEditing && <p className="dim">{input.description}</p>}
    </div>
  )
}

/** The param that the input feeds, under the input's own title. */
export function paramOf(
  workspace: Workspace,
  tab: Tab,
  name: string,
  input: DeclaredInput,
): ParamDescription | undefined {
  const target = input.to[0]
  const { document } = tab.store
  if (!target?.param || !findGraph(document, tab.graph)?.nodes[target.node]) return undefined
  if (input.type.startsWith('list<')) return undefined
  const { params } = faceOf(document, tab.graph, target.node, workspace.catalogue)
  const param = params.find((other) => other.name === target.param)
  return param && { ...param, title: input.title ?? name }
}
