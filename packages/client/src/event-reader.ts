/**
 * Events of one loop, between the socket that brings them and the loop that takes its time. What does not fit is not kept:
 * the log is stored on the server, and pages of it are fetched as the loop asks for them, until it is up to date again.
 */
import type { JobEvent, PreviewFrame, PreviewKind } from '@dreamgraph/protocol'
import { ConnectionFault } from './faults.js'
import type { Follow, Followed, Reader } from './followed-job.js'

/** Events that wait for a loop at most; a job has some ten to hundreds, so most never get there. */
export const maxWaiting = 1000

/** A page of the log after `since`. */
export type FetchEvents = (since: number) => Promise<readonly JobEvent[]>

export interface ReaderParts {
  readonly job: string
  readonly since: number
  readonly follow: Follow
  readonly fetchEvents: FetchEvents
  readonly previews: readonly PreviewKind[]
  readonly onPreview: ((preview: PreviewFrame) => void) | undefined
}

export class EventReader implements Reader {
  readonly previews: readonly PreviewKind[]
  readonly #parts: ReaderParts
  readonly #followed: Followed
  readonly #waiting: JobEvent[] = []
  /** Number of the newest event that waits or has been taken. */
  #last: number
  /** True: what follows `#last` has to be fetched. */
  #isBehind: boolean
  /** What the socket brings while a page is under way. */
  #tail: JobEvent[] | undefined
  #fault: { readonly reason: unknown } | undefined
  #wake = () => {}

  constructor(parts: ReaderParts) {
    this.#parts = parts
    this.previews = parts.previews
    this.#last = parts.since
    this.#isBehind = false
    this.#followed = parts.follow(parts.job, parts.since, this)
    this.#isBehind = this.#followed.position > this.#last
  }

  /** The next event. Throws what the following failed with; events that came before come first. */
  async next(): Promise<JobEvent> {
    for (;;) {
      const event = this.#waiting.shift()
      if (event) return event
      if (this.#fault) throw this.#fault.reason
      if (this.#isBehind) await this.#catchUp()
      else
        await new Promise<void>((resolve) => {
          this.#wake = resolve
        })
    }
  }

  /** Ends at once: what waits is forgotten, and `next` throws the reason. */
  stop(reason: unknown): void {
    this.#waiting.length = 0
    this.#isBehind = false
    this.fail(reason)
    this.#followed.leave()
  }

  leave(): void {
    this.#followed.leave()
  }

  take(event: JobEvent): void {
    if (event.seq <= this.#last) return
    if (!this.#isBehind && this.#waiting.length < maxWaiting) {
      this.#keep(event)
      return
    }
    this.#isBehind = true
    if (this.#tail && this.#tail.length < maxWaiting) this.#tail.push(event)
    else this.#tail = undefined
  }

  takePreview(preview: PreviewFrame): void {
    try {
      this.#parts.onPreview?.(preview)
    } catch (fault) {
      this.stop(fault)
    }
  }

  fail(reason: unknown): void {
    this.#fault ??= { reason }
    this.#wake()
  }

  #keep(event: JobEvent): void {
    if (event.seq !== this.#last + 1) throw this.#gap(event.seq)
    this.#waiting.push(event)
    this.#last = event.seq
    this.#wake()
  }

  async #catchUp(): Promise<void> {
    const goal = this.#followed.position
    this.#tail = []
    const page = await this.#parts.fetchEvents(this.#last)
    const tail = this.#takeTail()
    for (const event of page) if (event.seq > this.#last) this.#keep(event)
    if (page.length === 0 && this.#last < goal) throw this.#gap('none')
    // Up to date once pages reach what the socket had brought when the last was asked for, and what it brought since is here.
    if (!tail || this.#last < goal) return
    this.#isBehind = false
    for (const event of tail) if (event.seq > this.#last) this.#keep(event)
  }

  #takeTail(): JobEvent[] | undefined {
    const tail = this.#tail
    this.#tail = undefined
    return tail
  }

  #gap(got: number | string): ConnectionFault {
    const message = `job ${this.#parts.job}: expected event ${this.#last + 1}, got ${got}`
    return new ConnectionFault('client/log-gap', message)
  }
}
