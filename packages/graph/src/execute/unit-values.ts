/** What a unit's own code gets to see: inputs and params, collected, converted and checked. */
import type { PlanInput, PlanNode } from '../check/plan.js'
import { GraphError } from '../errors.js'
import { showValue } from '../json.js'
import type { PreparedNode } from './prepared.js'
import type { SlotSource } from './slots.js'
import type { Values } from './values.js'

/** One run of one node, or of one item of a mapped node. */
export interface Unit<S> {
  readonly plan: PlanNode<S>
  readonly prepared: PreparedNode
  readonly item: number | undefined
  /** Where it takes its slot from. */
  readonly slots: SlotSource
}

export interface ValueHost<S> {
  readonly services: S
  readonly values: Values
  /** Evaluates what hangs on a lazy input. */
  demand(input: PlanInput): Promise<void>
}

/** The node's extra key part, empty when it has none. */
export function fingerprintOf<S>(host: ValueHost<S>, unit: Unit<S>): string | Promise<string> {
  const { node } = unit.plan
  return node.hasFingerprint ? node.fingerprint({ ...runValues(host, unit), services: host.services }) : ''
}

/** `inputs` and `params` as `run` gets them; fresh objects, so that a node may not spoil the plan. */
export function runValues<S>(
  host: ValueHost<S>,
  { plan, item }: Unit<S>,
): { inputs: Record<string, unknown>; params: Record<string, unknown> } {
  const { node } = plan
  const inputs: Record<string, unknown> = {}
  const params: Record<string, unknown> = { ...plan.params }
  for (const name of Object.keys(node.inputs)) inputs[name] = node.inputs[name]!.many ? [] : undefined
  for (const input of plan.inputs) {
    if (input.kind === 'param') {
      params[input.name] = paramValue(plan, input.name, host.values.inputValue(input, item))
    } else if (!node.inputs[input.name]!.lazy) inputs[input.name] = host.values.inputValue(input, item)
    else {
      inputs[input.name] = async () => {
        if (input.lazy) await host.demand(input)
        return host.values.inputValue(input, item)
      }
    }
  }
  return { inputs, params }
}

function paramValue<S>({ id, node }: PlanNode<S>, name: string, value: unknown): unknown {
  const read = node.params[name]!.read(value)
  if ('value' in read) return read.value
  throw new GraphError(
    'run/param-value',
    `node ${id}.${name}: expected ${read.rule}, got ${showValue(value)} from its link`,
  )
}
