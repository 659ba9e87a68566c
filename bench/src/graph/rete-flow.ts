// The flow in rete's editor, computed by rete-engine's DataflowEngine.
import { ClassicPreset, type GetSchemes, NodeEditor } from 'rete'
import { DataflowEngine } from 'rete-engine'
import { type FlowNode, joinInputs } from './flow.js'

const socket = new ClassicPreset.Socket('int')

class PassNode extends ClassicPreset.Node {
  readonly #tag: number

  constructor({ id, from }: FlowNode, tag: number) {
    super(id)
    this.id = id
    this.#tag = tag
    from.forEach((_, i) => {
      this.addInput(joinInputs[i], new ClassicPreset.Input(socket))
    })
    this.addOutput('value', new ClassicPreset.Output(socket))
  }

  data(inputs: Record<string, number[] | undefined>): { value: number } {
    return { value: inputs.a?.[0] ?? this.#tag }
  }
}

type Link = ClassicPreset.Connection<ClassicPreset.Node, ClassicPreset.Node>
type Scheme = GetSchemes<PassNode, Link>
export type Engine = DataflowEngine<Scheme>

/** Flow → editor with an engine that has computed nothing yet. */
export async function engineOf(flow: readonly FlowNode[]): Promise<Engine> {
  const editor = new NodeEditor<Scheme>()
  const engine = new DataflowEngine<Scheme>()
  editor.use(engine)
  const nodes = new Map<string, PassNode>()
  for (const node of flow) {
    const made = new PassNode(node, nodes.size)
    nodes.set(node.id, made)
    await editor.addNode(made)
  }
  for (const { id, from } of flow) {
    for (const [i, source] of from.entries()) {
      const [sourceNode, target] = [nodes.get(source)!, nodes.get(id)!]
      await editor.addConnection(
        new ClassicPreset.Connection<ClassicPreset.Node, ClassicPreset.Node>(
          sourceNode,
          'value',
          target,
          joinInputs[i],
        ),
      )
    }
  }
  return engine
}

/** Fetches the results, and by that all that they need. Their values, in order. */
export async function fetchResults(engine: Engine, results: readonly string[]): Promise<number[]> {
  const values: number[] = []
  for (const id of results) values.push((await engine.fetch<PassNode>(id)).value)
  return values
}
