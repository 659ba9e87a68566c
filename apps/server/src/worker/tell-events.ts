// What the executor tells, in the words of the protocol; progress no faster than people can read.
import type { ExecutionEvent, Plan } from '@dreamgraph/graph'
import type { Failure, RunEvent } from '@dreamgraph/protocol'
import { lossTeller } from './tell-losses.js'

const progressEveryMs = 100

export function eventTeller(plan: Plan<never>, put: (event: RunEvent) => void): (event: ExecutionEvent) => void {
  const effects = new Set(plan.nodes.filter(({ node }) => node.effect).map(({ id }) => id))
  const lastProgress = new Map<string, number>()
  const losses = lossTeller(put)
  return (event) => {
    switch (event.type) {
      case 'run-started':
        return put({ type: 'run-started', nodes: event.nodes })
      case 'node-started':
        return put({ type: 'node-started', node: event.node })
      case 'node-progress': {
        const now = Date.now()
        const isLast = event.done >= event.total
        if (!isLast && now - (lastProgress.get(event.node) ?? 0) < progressEveryMs) return
        lastProgress.set(event.node, now)
        const { node, item, done, total, label } = event
        return put({
          type: 'node-progress',
          node,
          ...(item && { item }),
          done,
          total,
          ...(label !== undefined && { label }),
        })
      }
      case 'node-preview': // all but this kind go another way
        return event.preview.kind === 'training-step' ? losses.tell(event) : undefined
      case 'item-finished':
        return put({ type: 'item-finished', node: event.node, item: event.item, cached: event.cached })
      case 'node-finished':
      case 'node-cached': {
        losses.flush(event.node)
        const { id, type, status, why, durationMs } = event.report
        const report = { id, type, status, why: [...why], ...(durationMs !== undefined && { durationMs }) }
        const effect = effects.has(event.node) && { effect: true }
        return put({ type: event.type, node: event.node, report: { ...report, ...effect } })
      }
      case 'node-failed': {
        losses.flush(event.node)
        const { node, item, error } = event
        return put({ type: 'node-failed', node, ...(item && { item }), error: failureOf(error) })
      }
      default: // the end of the run is told when outputs are with the server
    }
  }
}

const mostMessageChars = 10_000

/** An error as others see it: the innermost cause that is a user's fault says the code. */
export function failureOf(error: unknown): Failure {
  const { message = String(error), node, nodeType } = error as { message?: string; node?: string; nodeType?: string }
  let code = 'internal'
  let userFault = false
  for (
    let at = error as { code?: unknown; userFault?: unknown; cause?: unknown } | undefined;
    at;
    at = at.cause as never
  ) {
    if (typeof at.code === 'string' && /^[a-z]+\/[a-z-]+$/.test(at.code)) code = at.code
    if (at.code !== 'run/node-failed') userFault = at.userFault === true
  }
  return {
    code,
    message: message.length > mostMessageChars ? `${message.slice(0, mostMessageChars)} …` : message,
    ...(node && { node }),
    ...(nodeType && { nodeType }),
    userFault: userFault && !isPassing(code),
  }
}

/** Faults of the moment: memory that others hold, a process that was killed. Another try may do. */
const isPassing = (code: string): boolean =>
  /^runtime\/(child-died|run-failed|state-lost|closed|not-enough-memory)$/.test(code)
