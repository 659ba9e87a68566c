/** One line per node on what happened to it, and why. */
import type { NodeRecord } from '../cache/entry.js'
import type { PlanNode } from '../check/plan.js'
import { sameJson, showValue } from '../json.js'

export type NodeStatus = 'ran' | 'cached' | 'muted' | 'bypassed' | 'not-needed' | 'failed' | 'cancelled'

export interface NodeReport {
  readonly id: string
  readonly type: string
  readonly status: NodeStatus
  /** Why it ran, is muted or failed; empty when there is nothing to say. */
  readonly why: readonly string[]
  /** Where a cached result came from; for a mapped node the slower of its items' tiers. */
  readonly tier?: 'memory' | 'store'
  /** A mapped node: how many items, and how many of them ran. */
  readonly items?: { readonly count: number; readonly ran: number }
  /** From start to end, when the caller gave a clock. */
  readonly durationMs?: number
}

/** Why a node runs: what changed since its last record, or why nothing had to change. */
export function explainRun<S>(plan: PlanNode<S>, before: NodeRecord | undefined, now: NodeRecord): readonly string[] {
  const why = explainChange(before, now)
  if (why[0] !== gone) return why
  if (plan.node.effect) return ['has an effect, so it always runs']
  if (plan.node.volatile) return ['looks at the world, so it always runs']
  return plan.inputs.some((input) => input.lazy) ? ['chooses among its inputs, so it always runs'] : why
}

const gone = 'unchanged, but its result is not cached any more (quick ones stay in memory only)'

/** Says what differs between a node's last record and now; never empty. */
function explainChange(before: NodeRecord | undefined, now: NodeRecord): string[] {
  if (!before) return ['never ran before']
  const reasons: string[] = []
  if (before.type !== now.type) reasons.push(`node type ${before.type} → ${now.type}`)
  else if (before.version !== now.version) reasons.push(`node version ${before.version} → ${now.version}`)
  for (const name of new Set([...Object.keys(before.params), ...Object.keys(now.params)])) {
    const old = before.params[name]
    const value = now.params[name]
    if (sameJson(old, value)) continue
    if (value === undefined) reasons.push(`param ${name} is now driven by a link`)
    else if (old === undefined) reasons.push(`param ${name} is now ${showValue(value)}`)
    else reasons.push(`param ${name} changed ${showValue(old)} → ${showValue(value)}`)
  }
  const old = new Map(before.inputs.map(([name, digest]) => [name, digest]))
  for (const [name, digest, sources] of now.inputs) {
    const from = sources === '' ? '' : ` (from ${sources})`
    if (!old.has(name)) reasons.push(`input ${name} is newly linked${from}`)
    else if (old.get(name) !== digest) reasons.push(`input ${name} has new content${from}`)
    old.delete(name)
  }
  for (const name of old.keys()) reasons.push(`input ${name} is no longer linked`)
  if (before.fingerprint !== now.fingerprint) reasons.push('file changed (its fingerprint differs)')
  return reasons.length > 0 ? reasons : [gone]
}
