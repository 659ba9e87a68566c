// One client following one job: each event once, in order, however slow the client is. What cannot be sent now is read from
// the log later, so nothing piles up.
import type { JobEvent } from '@dreamgraph/protocol'

export interface FollowOptions {
  readonly since: number
  readonly read: (since: number, limit: number) => Promise<readonly JobEvent[]>
  readonly send: (event: JobEvent) => void
  /** True while the client is behind with reading. */
  readonly isFull: () => boolean
  readonly onError: (error: unknown) => void
}

const pageEvents = 500
const waitMs = 20

export class Follow {
  readonly #options: FollowOptions
  #sent: number
  #isLive = false
  #isClosed = false
  #reading: Promise<void> | undefined
  /** Something happened while reading: read once more. */
  #isStale = true

  constructor(options: FollowOptions) {
    this.#options = options
    this.#sent = options.since
    this.#catchUp()
  }

  /** New events of the job. */
  tell(events: readonly JobEvent[]): void {
    if (this.#isClosed) return
    const fresh = events.filter(({ seq }) => seq > this.#sent)
    if (fresh.length === 0) return
    if (this.#isLive && fresh[0]!.seq === this.#sent + 1 && !this.#options.isFull()) {
      this.#send(fresh)
      return
    }
    this.#isLive = false
    this.#isStale = true
    this.#catchUp()
  }

  close(): void {
    this.#isClosed = true
  }

  #send(events: readonly JobEvent[]): void {
    for (const event of events) {
      this.#options.send(event)
      this.#sent = event.seq
    }
  }

  #catchUp(): void {
    this.#reading ??= this.#readOn()
      .catch((error) => {
        this.#isStale = true // what could not be read is still to be sent
        this.#options.onError(error)
      })
      .finally(() => {
        this.#reading = undefined
        if (this.#isStale && !this.#isClosed) setTimeout(() => this.#catchUp(), waitMs)
      })
  }

  async #readOn(): Promise<void> {
    while (this.#isStale && !this.#isClosed) {
      if (this.#options.isFull()) {
        await new Promise((resolve) => setTimeout(resolve, waitMs))
        continue
      }
      this.#isStale = false
      const events = await this.#options.read(this.#sent, pageEvents)
      if (this.#isClosed) return
      this.#send(events)
      if (events.length === pageEvents) this.#isStale = true
      else if (!this.#isStale) this.#isLive = true
    }
  }
}
