/** What executions of one plan share: node positions, and keys that a fully cached pass need not hash again. */
import type { NodeRecord } from '../cache/entry.js'
import type { Plan, PlanNode } from '../check/plan.js'
import type { JsonValue } from '../json.js'
import type { ValueType } from '../socket-type.js'

export interface Prepared {
  readonly indexOf: ReadonlyMap<string, number>
  readonly nodes: readonly PreparedNode[]
  /** Some input is evaluated on demand, so no value may be dropped early. */
  readonly hasLazy: boolean
}

export class PreparedNode {
  /** Type, version and literal params, as they enter the key. */
  readonly prefix: string
  readonly params: Readonly<Record<string, JsonValue>>
  /** A result may be kept: no effect, nothing looked up in the world, and nothing that is evaluated on demand. */
  readonly cacheable: boolean
  readonly hasLazy: boolean
  /** Ids of the nodes that feed each input, for explanations. */
  readonly sources: readonly string[]
  /** A mapped node: output types of one item. */
  itemTypes: Readonly<Record<string, ValueType>> | undefined
  /** The key of the last pass and the text it was hashed from. */
  keyText = ''
  key = ''
  /** The record of the last pass, valid for the same text. */
  recordText = ''
  record: NodeRecord | undefined

  constructor({ node, inputs, params }: PlanNode<unknown>, nodes: readonly PlanNode<unknown>[]) {
    const json: Record<string, JsonValue> = {}
    // Declaration order, not document order: the key must not depend on how the file is written.
    for (const name of Object.keys(node.params)) {
      if (Object.hasOwn(params, name)) json[name] = node.params[name]!.toJson(params[name])
    }
    this.params = json
    this.prefix = `${node.type}\n${node.version}\n${JSON.stringify(json)}`
    this.hasLazy = inputs.some((input) => input.lazy)
    this.cacheable = !node.effect && !node.volatile && !this.hasLazy
    this.sources = inputs.map(({ sources }) => {
      const ids = sources.flatMap((source) => (source.node < 0 ? [] : [nodes[source.node]!.id]))
      return ids.length <= 3 ? ids.join(', ') : `${ids.slice(0, 3).join(', ')}…`
    })
  }
}

const prepared = new WeakMap<object, Prepared>()

export function prepare<S>(plan: Plan<S>): Prepared {
  const known = prepared.get(plan)
  if (known) return known
  const nodes = plan.nodes.map((node) => new PreparedNode(node, plan.nodes))
  const indexOf = new Map(plan.nodes.map(({ id, index }) => [id, index]))
  const made = { indexOf, nodes, hasLazy: nodes.some((node) => node.hasLazy) }
  prepared.set(plan, made)
  return made
}
