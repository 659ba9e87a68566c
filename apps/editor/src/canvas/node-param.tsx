/** A param on a node: its socket, its name, and its field; or where its value comes from. */
import { type ParamDescription, sameJson } from '@dreamgraph/graph'
import { Icon } from '../app/icons.js'
import { paramSource } from '../document/param-value.js'
import { setParam } from '../document/recipes/params.js'
import { seedControlOf, setSeedControl } from '../document/recipes/seeds.js'
import { useSelect } from '../state/use-select.js'
import { Field } from '../widgets/field.js'
import type { NodeContext } from './node-context.js'
import { isMultiline } from './node-layout.js'
import { NodeSocket } from './node-socket.js'
import type { SceneNode } from './scene.js'

export function NodeParam({
  box,
  param,
  context,
}: {
  readonly box: SceneNode
  readonly param: ParamDescription
  readonly context: NodeContext
}) {
  const { canvas, catalogue, tab, tools } = context
  const { id } = box
  const source = useSelect(
    canvas.changes,
    () => paramSource(canvas.scene.graph, id, param, canvas.scene.incoming.get(id) ?? []),
    sameJson,
  )
  const control = useSelect(canvas.changes, () => seedControlOf(canvas.scene.graph.nodes[id], param.name))
  const isText = isMultiline(param)
  const name = (
    <span className="param-name" title={param.description}>
      <span className="ellipsis">{param.title}</span>
      {source.kind === 'input' && (
        <span className="from-input" title={`Input “${source.name}” of the workflow: its value is edited here`}>
          <Icon name="inputs" size={11} />
        </span>
      )}
    </span>
  )
  const field =
    source.kind === 'link' ? (
      <span className="field driven" title="Driven by a link">
        {source.from.node}
      </span>
    ) : (
      <Field
        param={param}
        value={source.value}
        onChange={(value) => tab.apply(setParam(tab.graph, { node: id, param: param.name, title: param.title }, value))}
        upload={tools.upload}
        suggestions={tools.suggestions(box.node.type, param.name)}
        promptField={tools.promptField?.(id)}
        seedControl={control}
        onSeedControl={(next) => tab.apply(setSeedControl(tab.graph, id, param.name, next))}
      />
    )
  return (
    <>
      <NodeSocket canvas={canvas} catalogue={catalogue} owner={id} side="input" port={param} isParam />
      {isText ? (
        <div className="param-tall">
          {name}
          {field}
        </div>
      ) : (
        <>
          {name}
          {field}
        </>
      )}
    </>
  )
}
