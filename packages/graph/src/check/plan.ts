/** What a correct document becomes: flat, typed, in running order. Components are expanded; bypassed nodes are wired around. */
import type { Node } from '../node.js'
import type { ValueType } from '../socket-type.js'

/** Where a value comes from: an output of another node, or a value given by name. */
export type PlanSource = {
  /** Position of the node in `Plan.nodes`, or −1 for a given value. */
  readonly node: number
  /** Output name; for a given value, the name of the workflow input. */
  readonly output: string
  /** Only for a given value: the value, an array when `from.list`. */
  readonly value?: unknown
  readonly from: ValueType
  /** Applied to each item on the way; undefined when the types are equal. */
  readonly convert?: (value: unknown) => unknown
}

/** A fed input, or a param driven by a link. Inputs without source have no entry. */
export interface PlanInput {
  readonly name: string
  readonly kind: 'input' | 'param'
  readonly many: boolean
  readonly lazy: boolean
  /** `run` wants the whole list. */
  readonly list: boolean
  /** A list arrives at a single socket: the node runs once per item. */
  readonly maps: boolean
  /** One, or in order when `many`. */
  readonly sources: readonly PlanSource[]
}

export interface PlanNode<S> {
  /** Position in `Plan.nodes`. */
  readonly index: number
  /** Document id; inside components `outer/inner`. */
  readonly id: string
  readonly node: Node<S>
  readonly state: 'run' | 'muted' | 'bypassed'
  /** Why it is muted: "muted", or the node it needs. */
  readonly reason?: string
  /** Validated values of the params that no link drives. */
  readonly params: Readonly<Record<string, unknown>>
  readonly inputs: readonly PlanInput[]
  /** True when some input maps: every output is then a list. */
  readonly mapped: boolean
  /** Inferred types; lists where the node is mapped. */
  readonly outputs: Readonly<Record<string, ValueType>>
}

export interface PlanOutput {
  readonly name: string
  readonly title?: string
  readonly type: ValueType
  /** Undefined when the node it comes from is muted; `reason` then says so. */
  readonly source?: PlanSource
  readonly reason?: string
}

export interface Plan<S> {
  /** Name of the workflow, empty when it has none. */
  readonly name: string
  /** In an order in which each node stands after all that it needs. */
  readonly nodes: readonly PlanNode<S>[]
  readonly outputs: readonly PlanOutput[]
}
