/** What executions of one plan share: positions, edges as flat arrays, and keys that a cached pass need not build again. */
import type { NodeRecord } from '../cache/entry.js'
import type { Plan, PlanInput, PlanNode } from '../check/plan.js'
import { digestText } from '../digest.js'
import type { JsonValue } from '../json.js'
import type { ValueType } from '../socket-type.js'

export interface Prepared {
  readonly indexOf: ReadonlyMap<string, number>
  readonly nodes: readonly PreparedNode[]
  /** Some input is evaluated on demand, so no value may be dropped early. */
  readonly hasLazy: boolean
  readonly edges: Edges
}

/** Links between nodes except lazy ones, by consumer: those of node n are `start[n]` … `start[n + 1] − 1`. */
export interface Edges {
  readonly start: Int32Array
  readonly source: Int32Array
  readonly consumer: Int32Array
}

/** Longer key texts are hashed; shorter ones serve as they are, which is what makes small nodes cheap. */
const longKeyChars = 512

/** What a node is now: by its key results are found, by its record changes are explained. */
export interface Identity {
  /** Undefined when nothing may be kept. */
  readonly key: string | undefined
  readonly record: NodeRecord
  readonly digests: readonly string[]
  readonly fingerprint: string
}

export class PreparedNode {
  /** Type, version and literal params, as they enter the key. */
  readonly prefix: string
  readonly params: Readonly<Record<string, JsonValue>>
  /** A result may be kept: no effect, nothing that looks at the world or is evaluated on demand. */
  readonly cacheable: boolean
  readonly hasLazy: boolean
  /** A mapped node: output types of one item. */
  itemTypes: Readonly<Record<string, ValueType>> | undefined
  readonly #plan: PlanNode<unknown>
  readonly #nodes: readonly PlanNode<unknown>[]
  /** Of the last pass; it holds for the next one when the same was fed. */
  #identity: Identity | undefined

  constructor(plan: PlanNode<unknown>, nodes: readonly PlanNode<unknown>[]) {
    const { node, inputs, params } = plan
    this.#plan = plan
    this.#nodes = nodes
    const json: Record<string, JsonValue> = {}
    // Declaration order, not document order: the key must not depend on how the file is written.
    for (const name of Object.keys(node.params)) {
      if (Object.hasOwn(params, name)) json[name] = node.params[name]!.toJson(params[name])
    }
    this.params = json
    this.prefix = `${node.type}\n${node.version}\n${JSON.stringify(json)}`
    this.hasLazy = inputs.some((input) => input.lazy)
    this.cacheable = !node.effect && !node.volatile && !this.hasLazy
  }

  /** Key and record for what is fed now; `digests` per input, empty for lazy ones. */
  identify(digests: readonly string[], fingerprint: string): Identity {
    const last = this.#identity
    if (last && last.fingerprint === fingerprint && sameTexts(last.digests, digests)) return last
    const { node, inputs } = this.#plan
    const fed = inputs.map(({ name, sources }, index) => [name, digests[index]!, this.#idsOf(sources)] as const)
    const record = { type: node.type, version: node.version, params: this.params, inputs: fed, fingerprint }
    const key = this.cacheable ? this.keyOf(digests, fingerprint) : undefined
    this.#identity = { key, record, digests, fingerprint }
    return this.#identity
  }

  /** Key of a run: type, version, params, digests of the inputs, fingerprint. Two keys are equal only if all of these are. */
  keyOf(digests: readonly string[], fingerprint: string): string {
    const { inputs } = this.#plan
    let text = this.prefix
    for (let index = 0; index < inputs.length; index++) text += `\n${inputs[index]!.name}=${digests[index]}`
    if (fingerprint !== '') text += `\n#${JSON.stringify(fingerprint)}`
    return text.length <= longKeyChars ? text : digestText(text)
  }

  #idsOf(sources: PlanInput['sources']): string {
    const [first] = sources
    if (sources.length === 1) return first!.node < 0 ? '' : this.#nodes[first!.node]!.id
    const ids = sources.flatMap(({ node }) => (node < 0 ? [] : [this.#nodes[node]!.id]))
    return ids.length <= 3 ? ids.join(', ') : `${ids.slice(0, 3).join(', ')}…`
  }
}

function sameTexts(a: readonly string[], b: readonly string[]): boolean {
  for (let index = 0; index < a.length; index++) if (a[index] !== b[index]) return false
  return a.length === b.length
}

const prepared = new WeakMap<object, Prepared>()

export function prepare<S>(plan: Plan<S>): Prepared {
  const known = prepared.get(plan)
  if (known) return known
  const nodes = plan.nodes.map((node) => new PreparedNode(node, plan.nodes))
  const indexOf = new Map(plan.nodes.map(({ id, index }) => [id, index]))
  const made = { indexOf, nodes, hasLazy: nodes.some((node) => node.hasLazy), edges: edgesOf(plan) }
  prepared.set(plan, made)
  return made
}

function edgesOf<S>({ nodes }: Plan<S>): Edges {
  const start = new Int32Array(nodes.length + 1)
  const source: number[] = []
  const consumer: number[] = []
  for (const { index, inputs } of nodes) {
    for (const { sources, lazy } of inputs) {
      if (lazy) continue
      for (const { node } of sources) {
        if (node < 0) continue
        source.push(node)
        consumer.push(index)
      }
    }
    start[index + 1] = source.length
  }
  return { start, source: Int32Array.from(source), consumer: Int32Array.from(consumer) }
}
