/** How an execution ends when it does not succeed. Both errors carry the reports of all nodes. */
import { GraphError } from '../errors.js'
import type { NodeReport } from './report.js'

export type NodeReports = ReadonlyMap<string, NodeReport>

/** A node threw. `cause` is what it threw; a cause without `userFault` is a bug of the node. */
export class NodeFailed extends GraphError {
  readonly node: string
  readonly nodeType: string
  /** Index of the item, when the node was mapped. */
  readonly item: number | undefined
  readonly reports: NodeReports

  constructor(at: { node: string; nodeType: string; item?: number; reports: NodeReports }, cause: unknown) {
    const item = at.item === undefined ? '' : ` item ${at.item}`
    super('run/node-failed', `node ${at.node} (${at.nodeType})${item}: ${messageOf(cause)}`, { cause })
    this.name = 'NodeFailed'
    this.node = at.node
    this.nodeType = at.nodeType
    this.item = at.item
    this.reports = at.reports
  }
}

/** The signal said stop. `cause` is the signal's reason. */
export class RunCancelled extends GraphError {
  readonly reports: NodeReports

  constructor(reports: NodeReports, cause: unknown) {
    super('run/cancelled', 'run: cancelled', { cause })
    this.name = 'RunCancelled'
    this.reports = reports
  }
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
