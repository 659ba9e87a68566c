// A try that is under way: which job, on which worker, how far.
import type { Job, RunEvent } from '@dreamgraph/protocol'

export class Live {
  readonly job: string
  readonly lease: string
  readonly owner: string
  readonly queue: string
  /** Name of its worker. */
  readonly worker: string
  readonly maxRuntimeMs: number
  /** Number of the worker's next event. */
  next: number
  /** Follow the worker's events in their order. */
  turn: Promise<unknown> = Promise.resolve()
  timer: NodeJS.Timeout | undefined
  /** Its job has ended otherwise: a worker that comes back with it need not go on. */
  isOver = false
  /** Something that it said could not be stored. */
  isBroken = false
  readonly startedAtMs = Date.now()
  readonly nodes: { total: number; done: number; current?: string; progress?: number } = { total: 0, done: 0 }

  constructor(about: Pick<Live, 'job' | 'lease' | 'owner' | 'queue' | 'worker' | 'maxRuntimeMs' | 'next'>) {
    this.job = about.job
    this.lease = about.lease
    this.owner = about.owner
    this.queue = about.queue
    this.worker = about.worker
    this.maxRuntimeMs = about.maxRuntimeMs
    this.next = about.next
  }

  /** Keeps count; true when the list of jobs should show it. */
  note(event: RunEvent): boolean {
    const { nodes } = this
    switch (event.type) {
      case 'run-started':
        nodes.total = event.nodes
        return true
      case 'node-started':
        nodes.current = event.node
        nodes.progress = undefined
        return true
      case 'node-progress':
        nodes.current = event.node
        nodes.progress = event.total > 0 ? Math.min(1, Math.max(0, event.done / event.total)) : undefined
        return true
      case 'node-finished':
      case 'node-cached':
        nodes.done++
        return true
      default:
        return false
    }
  }

  /** The job with what is not in the tables yet. */
  show(job: Job): Job {
    return { ...job, nodes: { ...this.nodes } }
  }
}
