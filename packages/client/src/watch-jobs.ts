/** The list of jobs, kept up to date: told over HTTP at first and after every break, changed over the socket. */
import type { Job, ServerFrame } from '@dreamgraph/protocol'
import type { Call } from './call.js'
import type { Connection, Listener } from './connection.js'
import { jobPages } from './job-pages.js'
import { type Patience, tryAgain } from './patience.js'

export interface WatchJobsOptions {
  /** A job as it is now: at first and after each break every one that is listed, then whichever changes. */
  readonly onJob: (job: Job) => void
  readonly onRemoved?: (id: string) => void
  /** The list has been told completely, for the first time or anew. */
  readonly onListed?: () => void
  /** How many of the newest jobs are listed, up to a page more; default 200. Changes are told of all. */
  readonly most?: number
  readonly signal?: AbortSignal
}

export interface WatchParts {
  readonly call: Call
  readonly connection: Connection
  readonly patience: Patience
}

/** Makes `Client.watchJobs`. */
export function createWatchJobs(parts: WatchParts): (options: WatchJobsOptions) => Promise<void> {
  const watches = new Set<JobsWatch>()
  return async (options) => {
    const { signal } = options
    if (signal?.aborted) return
    const watch = new JobsWatch(parts, options)
    const leave = parts.connection.join(watch)
    watches.add(watch)
    const stop = () => watch.end()
    signal?.addEventListener('abort', stop, { once: true })
    try {
      await watch.ended
    } finally {
      signal?.removeEventListener('abort', stop)
      watches.delete(watch)
      if (watches.size === 0) parts.connection.send({ type: 'unfollow-jobs' })
      leave()
    }
  }
}

class JobsWatch implements Listener {
  readonly ended: Promise<void>
  /** id → when it was submitted, of every job that was told of. */
  readonly #known = new Map<string, number>()
  /** Jobs that the socket told of since the list was asked for: its word is newer than the list's. */
  readonly #changed = new Set<string>()
  readonly #abort = new AbortController()
  #fence = ''
  #resolve = () => {}
  #reject = (_fault: unknown) => {}

  constructor(
    readonly parts: WatchParts,
    readonly options: WatchJobsOptions,
  ) {
    this.ended = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
  }

  end(): void {
    this.#abort.abort()
    this.#resolve()
  }

  failed(fault: unknown): void {
    this.#abort.abort()
    this.#reject(fault)
  }

  opened(): void {
    this.#changed.clear()
    // The list is asked for once the pong says that changes are being told; one between the two would be lost otherwise.
    this.#fence = `jobs ${++fences}`
    this.parts.connection.send({ type: 'follow-jobs' })
    this.parts.connection.send({ type: 'ping', id: this.#fence })
  }

  frame(frame: ServerFrame): void {
    if (frame.type === 'pong' && frame.id === this.#fence) this.#list(frame.id).catch((fault) => this.failed(fault))
    if (frame.type !== 'job' && frame.type !== 'job-removed') return
    this.#tell(() => {
      this.#changed.add(frame.type === 'job' ? frame.job.id : frame.job)
      if (frame.type === 'job') this.#told(frame.job)
      else this.#removed(frame.job)
    })
  }

  async #list(fence: string): Promise<void> {
    const { signal } = this.#abort
    const { call, patience } = this.parts
    const { most = 200, onListed } = this.options
    const listAll = async () => {
      const listed: Job[] = []
      for await (const { items, next } of jobPages(call, { limit: 200 }, signal)) {
        listed.push(...items)
        if (listed.length >= most) return { listed, isWhole: next === undefined }
      }
      return { listed, isWhole: true }
    }
    const { listed, isWhole } = await tryAgain(listAll, { patience, signal })
    // Of a connection that has gone since: the next one lists again.
    if (this.#fence !== fence) return
    this.#tell(() => {
      for (const job of listed) if (!this.#changed.has(job.id)) this.#told(job)
      this.#removeMissing(listed, isWhole)
      onListed?.()
    })
  }

  /** Jobs that went while the connection was away: known, but no more in the part of the list where they belong. */
  #removeMissing(listed: readonly Job[], isWhole: boolean): void {
    const ids = new Set(listed.map(({ id }) => id))
    const oldestAtMs = isWhole ? 0 : Math.min(...listed.map(({ submittedAtMs }) => submittedAtMs))
    for (const [id, atMs] of this.#known) {
      if (atMs > oldestAtMs && !ids.has(id) && !this.#changed.has(id)) this.#removed(id)
    }
  }

  #told(job: Job): void {
    this.#known.set(job.id, job.submittedAtMs)
    this.options.onJob(job)
  }

  #removed(id: string): void {
    this.#known.delete(id)
    this.options.onRemoved?.(id)
  }

  /** Callbacks run inside; what one throws ends the watch. */
  #tell(callbacks: () => void): void {
    if (this.#abort.signal.aborted) return
    try {
      callbacks()
    } catch (fault) {
      this.failed(fault)
    }
  }
}

let fences = 0
