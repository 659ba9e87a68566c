// Downloads in the background: one at a time for each name, joined when asked for twice, each with its state.
import { randomUUID } from 'node:crypto'
import type { Download, Failure } from '@dreamgraph/protocol'
import type { DownloadProgress } from '@dreamgraph/store'
import { notFound } from '../problem.js'

export interface DownloadRequest {
  readonly name: string
  readonly repo: string
  readonly revision?: string
  readonly files?: readonly string[]
}

/** Does the work of one download, and registers the model. */
export type DownloadWork = (
  request: DownloadRequest,
  options: { readonly signal: AbortSignal; readonly onProgress: (progress: DownloadProgress) => void },
) => Promise<unknown>

interface Entry {
  readonly key: string
  readonly stop: AbortController
  state: Download
  /** Settles when the download has ended, however it did; never fails. */
  ended: Promise<void>
}

/** Ended downloads that are still told of. */
const keptDownloads = 200

export class Downloads {
  readonly #work: DownloadWork
  readonly #onBug: (error: unknown) => void
  readonly #entries = new Map<string, Entry>()
  #isClosed = false

  constructor(work: DownloadWork, onBug: (error: unknown) => void) {
    this.#work = work
    this.#onBug = onBug
  }

  start(request: DownloadRequest): Download {
    const { name, repo, revision = 'main', files } = request
    const key = JSON.stringify([name, repo, revision, files && [...files].sort()])
    const running = [...this.#entries.values()].filter((entry) => entry.state.state === 'running')
    // One that was asked to stop takes nobody along.
    const equal = running.find((entry) => entry.key === key && !entry.stop.signal.aborted)
    if (equal) return equal.state
    const state: Download = {
      ...{ id: randomUUID(), name, repo, revision },
      ...{ state: 'running', doneBytes: 0, startedAtMs: Date.now() },
    }
    const entry: Entry = { key, stop: new AbortController(), state, ended: Promise.resolve() }
    if (this.#isClosed) entry.stop.abort()
    const before = running.filter((other) => other.state.name === name).map(({ ended }) => ended)
    entry.ended = this.#run(entry, { ...request, revision }, before)
    this.#entries.set(state.id, entry)
    this.#forgetOld()
    return state
  }

  list(): Download[] {
    return [...this.#entries.values()].map(({ state }) => state).reverse()
  }

  async cancel(id: string): Promise<Download> {
    const entry = this.#entries.get(id)
    if (!entry) throw notFound('download', id)
    entry.stop.abort()
    await entry.ended
    return entry.state
  }

  async close(): Promise<void> {
    this.#isClosed = true
    const entries = [...this.#entries.values()]
    for (const { stop } of entries) stop.abort()
    await Promise.all(entries.map(({ ended }) => ended))
  }

  async #run(entry: Entry, request: DownloadRequest, before: readonly Promise<void>[]): Promise<void> {
    const { signal } = entry.stop
    const onProgress = (progress: DownloadProgress): void => {
      entry.state = { ...entry.state, ...progress }
    }
    try {
      await Promise.race([Promise.all(before), aborted(signal)])
      signal.throwIfAborted()
      await this.#work(request, { signal, onProgress })
      entry.state = ended(entry.state, 'finished')
    } catch (error) {
      entry.state = signal.aborted
        ? ended(entry.state, 'cancelled')
        : { ...ended(entry.state, 'failed'), error: this.#failureOf(error) }
    }
  }

  #failureOf(error: unknown): Failure {
    const { code, message, userFault } = error as Partial<Failure> & Error
    if (userFault !== true || code === undefined) {
      this.#onBug(error)
      return { code: 'internal', message: 'internal: the download failed; the log has more', userFault: false }
    }
    const isPassing = passing.has(code)
    return { code: isPassing ? 'model/download-failed' : code, message, userFault: !isPassing }
  }

  #forgetOld(): void {
    const old = [...this.#entries.values()].filter(({ state }) => state.state !== 'running')
    for (const { state } of old.slice(0, Math.max(0, old.length - keptDownloads))) this.#entries.delete(state.id)
  }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((done) => {
    if (signal.aborted) done()
    else signal.addEventListener('abort', () => done(), { once: true })
  })

const ended = ({ file, ...state }: Download, how: Download['state']): Download => ({ ...state, state: how })

/** Faults of hub and line, which another try may not have. */
const passing = new Set(['store/hub-unreachable', 'store/download-damaged'])
