/** What became of one node: outputs, and how many of its runs were served from the cache. */
import type { NodeRecord } from '../cache/entry.js'
import type { PlanNode } from '../check/plan.js'
import type { NodeReport } from './report.js'
import type { UnitResult } from './unit.js'
import { listDigest, type Outputs } from './values.js'

export interface Outcome {
  readonly outputs: Outputs
  /** Items, or 1. */
  readonly count: number
  /** How many of them ran. */
  readonly ran: number
  /** The slower of the tiers that served the others. */
  readonly tier: 'memory' | 'store' | undefined
  readonly fingerprint: string
  /** Undefined when the node was mapped. */
  readonly record: NodeRecord | undefined
}

export function wholeOutcome({ entry, tier, identity }: UnitResult): Outcome {
  const { fingerprint, record } = identity
  return { outputs: entry.outputs, count: 1, ran: tier === undefined ? 1 : 0, tier, fingerprint, record }
}

/** Puts the outputs of a mapped node's items together as lists. */
export function itemsOutcome<S>(plan: PlanNode<S>, results: readonly UnitResult[]): Outcome {
  const outputs = Object.fromEntries(
    Object.keys(plan.outputs).map((name) => {
      const values = results.map(({ entry }) => entry.outputs[name]!)
      const items = values.map(({ digest }) => digest)
      return [name, { value: values.map(({ value }) => value), digest: listDigest(items), items }]
    }),
  )
  const ran = results.filter(({ tier }) => tier === undefined).length
  const tier = results.some((result) => result.tier === 'store') ? 'store' : 'memory'
  const fingerprint = results
    .map((result) => result.identity.fingerprint)
    .join('\n')
    .trim()
  return { outputs, count: results.length, ran, tier, fingerprint, record: undefined }
}

/** True when some of the node's own code ran; a node mapped over an empty list counts as run. */
export function hasRun({ count, ran }: Outcome): boolean {
  return ran > 0 || count === 0
}

/** The report of a node that did not get to run. */
export function unreachedReport<S>({ id, node, state, reason }: PlanNode<S>, wasNeeded: boolean): NodeReport {
  const head = { id, type: node.type }
  if (state === 'bypassed') return { ...head, status: 'bypassed', why: [] }
  if (state === 'muted') return { ...head, status: 'muted', why: reason === 'muted' ? [] : [`needs ${reason}`] }
  if (wasNeeded) return { ...head, status: 'cancelled', why: ['not started'] }
  return { ...head, status: 'not-needed', why: [] }
}
