// What a worker has to say of one lease: kept until the server has stored it, sent again after a broken connection.
import type { RunEvent, TryEnd, WorkerFrame } from '@dreamgraph/protocol'

const mostPerFrame = 500
/** Of one event, and of a frame: a server takes 16 MiB, and a character has up to three bytes. */
export const mostEventChars = 2 ** 20
const mostFrameChars = 4 * 2 ** 20

export class Outbox {
  readonly lease: string
  readonly #send: (frame: WorkerFrame) => void
  readonly #kept: (RunEvent | TryEnd)[] = []
  /** Number of the first kept one. */
  #first = 1
  #isScheduled = false
  #sent = 0

  constructor(lease: string, send: (frame: WorkerFrame) => void) {
    this.lease = lease
    this.#send = send
  }

  get isEmpty(): boolean {
    return this.#kept.length === 0
  }

  put(event: RunEvent | TryEnd): void {
    this.#kept.push(event)
    if (this.#isScheduled) return
    this.#isScheduled = true
    setImmediate(() => {
      this.#isScheduled = false
      this.#flush()
    })
  }

  #flush(): void {
    while (this.#sent < this.#first + this.#kept.length - 1) {
      const from = Math.max(this.#sent + 1, this.#first)
      const events = fitting(this.#kept.slice(from - this.#first, from - this.#first + mostPerFrame))
      this.#send({ type: 'events', lease: this.lease, from, events })
      this.#sent = from + events.length - 1
    }
  }

  ack(upTo: number): void {
    const count = Math.max(0, Math.min(this.#kept.length, upTo - this.#first + 1))
    this.#kept.splice(0, count)
    this.#first += count
    this.#sent = Math.max(this.#sent, this.#first - 1)
  }

  /** After a new connection: everything that is not acknowledged. */
  again(): void {
    this.#sent = this.#first - 1
    this.#flush()
  }
}

/** The first events, as many as a frame takes, but at least one. */
function fitting<T>(events: readonly T[]): T[] {
  let chars = 0
  const over = events.findIndex((event) => {
    chars += JSON.stringify(event).length
    return chars > mostFrameChars
  })
  return over < 0 ? [...events] : events.slice(0, Math.max(1, over))
}
