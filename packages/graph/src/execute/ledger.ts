/** The books of one execution: a report per node, and the records by which the next run explains itself. */
import type { NodeRecord, RunRecord } from '../cache/entry.js'
import type { PlanNode } from '../check/plan.js'
import { hasRun, type Outcome, unreachedReport } from './outcome.js'
import type { Prepared } from './prepared.js'
import { explainRun, type NodeReport } from './report.js'
import type { Values } from './values.js'

const nothing: readonly string[] = []

export class Ledger {
  /** Records of the nodes that were reached, and of the others as they were. */
  readonly record: Map<string, NodeRecord>
  recordChanged = false
  readonly #reports: (NodeReport | undefined)[]
  readonly #prepared: Prepared
  readonly #values: Values

  constructor(previous: RunRecord | undefined, prepared: Prepared, values: Values) {
    this.record = new Map(previous)
    this.#prepared = prepared
    this.#values = values
    this.#reports = new Array(prepared.nodes.length)
  }

  /** Books a node that has its outputs. */
  finished(plan: PlanNode<unknown>, outcome: Outcome, durationMs: number | undefined): NodeReport {
    const why = this.#remember(plan, outcome)
    const { count, ran, tier } = outcome
    const fresh = hasRun(outcome)
    const { id, node, mapped } = plan
    const { type } = node
    const report: NodeReport = fresh ? { id, type, status: 'ran', why } : { id, type, status: 'cached', why, tier }
    this.#reports[plan.index] =
      mapped || durationMs !== undefined
        ? { ...report, ...(mapped && { items: { count, ran } }), ...(durationMs !== undefined && { durationMs }) }
        : report
    return this.#reports[plan.index]!
  }

  failed({ index, id, node }: PlanNode<unknown>, message: string): void {
    this.#reports[index] = { id, type: node.type, status: 'failed', why: [message] }
  }

  /** Books a node that was stopped while it ran; a failure booked before stays. */
  stopped({ index, id, node }: PlanNode<unknown>): void {
    this.#reports[index] ??= { id, type: node.type, status: 'cancelled', why: ['stopped while running'] }
  }

  /** The report of every node. */
  reports(nodes: readonly PlanNode<unknown>[], isNeeded: (index: number) => boolean): ReadonlyMap<string, NodeReport> {
    const reports = new Map<string, NodeReport>()
    for (const plan of nodes) {
      reports.set(plan.id, this.#reports[plan.index] ?? unreachedReport(plan, isNeeded(plan.index)))
    }
    return reports
  }

  /** Notes what the node looked like; returns why it ran. */
  #remember(plan: PlanNode<unknown>, outcome: Outcome): readonly string[] {
    const record = outcome.record ?? this.#recordOf(plan, outcome.fingerprint)
    const before = this.record.get(plan.id)
    if (before !== record) {
      this.record.set(plan.id, record)
      this.recordChanged = true
    }
    return hasRun(outcome) ? explainRun(plan, before, record) : nothing
  }

  /** A mapped node is remembered as a whole, with the digests of its lists. */
  #recordOf({ index, inputs }: PlanNode<unknown>, fingerprint: string): NodeRecord {
    const digests = inputs.map((input) => (input.lazy ? '' : this.#values.inputDigest(input)))
    return this.#prepared.nodes[index]!.identify(digests, fingerprint).record
  }
}
