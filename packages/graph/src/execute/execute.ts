/** `execute`: runs a plan, as much of it as its targets need. */
import type { ResultCache } from '../cache/entry.js'
import { memoryCache } from '../cache/memory.js'
import type { Plan } from '../check/plan.js'
import type { ExecutionEvent } from './events.js'
import { Execution } from './execution.js'
import { prepare } from './prepared.js'
import type { NodeReport } from './report.js'
import type { ResourceLimits } from './slots.js'
import { targetsOf } from './targets.js'

export interface ExecuteOptions<S> {
  /** Handed to every node. */
  readonly services: S
  /** Default: a fresh memory cache. Share one between runs to run only what changed. */
  readonly cache?: ResultCache
  /** Stops the run: queued nodes never start, running ones see it in `ctx.signal` and are waited for. */
  readonly signal?: AbortSignal
  /** Called in order, without waiting. */
  readonly onEvent?: (event: ExecutionEvent) => void
  /**
   * Which kinds of previews somebody looks at; asked whenever a node is about to make a costly one, so the answer may
   * change while it runs. Default: none. Previews that cost nothing come as events all the same.
   */
  readonly wantsPreview?: (kind: string) => boolean
  /** Nodes at once per resource class; default cpu 2, gpu 1, io 8. */
  readonly limits?: Partial<ResourceLimits>
  /** Node ids to run instead of everything; a component's id stands for all nodes in it. */
  readonly targets?: readonly string[]
  /** A clock in milliseconds; without one the reports carry no durations. */
  readonly now?: () => number
  /** Under which name the run is remembered for "what changed since"; default: the workflow's name. */
  readonly history?: string
}

export interface RunResult {
  /** Declared outputs by name; those that did not run are absent, `missing` says why. */
  readonly outputs: Readonly<Record<string, unknown>>
  readonly missing: Readonly<Record<string, string>>
  /** Every node of the plan by id. */
  readonly nodes: ReadonlyMap<string, NodeReport>
  /** The value at an output of a target node or of a node behind a declared output. */
  value(node: string, output: string): unknown
}

/** Runs a plan. Throws NodeFailed or RunCancelled (with the reports), or GraphError for a target that does not exist. */
export async function execute<S>(plan: Plan<S>, options: ExecuteOptions<S>): Promise<RunResult> {
  const prepared = prepare(plan)
  const targets = targetsOf(plan, options.targets)
  const cache = options.cache ?? memoryCache()
  const history = options.history ?? plan.name
  const recalled = cache.recall(history)
  const previous = recalled instanceof Promise ? await recalled : recalled
  const execution = new Execution(plan, { ...options, cache, previous })
  const nodes = await execution.run(targets).finally(() => {
    const { record, recordChanged } = execution.ledger
    return recordChanged ? cache.remember(history, record) : undefined
  })

  const outputs: Record<string, unknown> = {}
  const missing: Record<string, string> = {}
  for (const { name, source, reason } of plan.outputs) {
    if (!source) missing[name] = `muted: ${reason}`
    else if (source.node >= 0 && !execution.values.outputs(source.node)) missing[name] = 'not among the targets'
    else outputs[name] = execution.values.value(source)
  }
  return {
    outputs,
    missing,
    nodes,
    value(node, output) {
      const index = prepared.indexOf.get(node)
      return index === undefined ? undefined : execution.values.outputs(index)?.[output]?.value
    },
  }
}
