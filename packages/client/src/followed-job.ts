/** Jobs on the socket: one `follow` for each, however many read it, and the number of the last event that came. */
import type { JobEvent, PreviewFrame, PreviewKind, ServerFrame } from '@dreamgraph/protocol'
import type { Connection, Listener } from './connection.js'
import { ConnectionFault, ServerFault } from './faults.js'

/** One loop over the events of a job. */
export interface Reader {
  readonly previews: readonly PreviewKind[]
  take(event: JobEvent): void
  takePreview(preview: PreviewFrame): void
  fail(fault: unknown): void
}

export interface Followed {
  /** Number of the last event that the socket has brought. */
  readonly position: number
  leave(): void
}

/** Adds a reader to a job. The first one's `since` is where the socket begins; later ones hear what comes from now on. */
export type Follow = (job: string, since: number, reader: Reader) => Followed

/** Throws ConnectionFault on a closed client. */
export function createFollow(connection: Connection): Follow {
  const jobs = new Map<string, FollowedJob>()
  return (job, since, reader) => {
    const followed = jobs.get(job) ?? new FollowedJob(job, since, connection, () => jobs.delete(job))
    followed.add(reader)
    jobs.set(job, followed)
    return {
      get position() {
        return followed.position
      },
      leave: () => followed.remove(reader),
    }
  }
}

class FollowedJob implements Listener {
  readonly #readers = new Set<Reader>()
  #kinds: readonly PreviewKind[] = []
  #gapAt = -1
  #leave = () => {}

  constructor(
    readonly job: string,
    public position: number,
    readonly connection: Connection,
    readonly onEmpty: () => void,
  ) {}

  add(reader: Reader): void {
    this.#readers.add(reader)
    if (this.#readers.size === 1) this.#leave = this.connection.join(this)
    else this.#askForPreviews()
  }

  remove(reader: Reader): void {
    if (!this.#readers.delete(reader)) return
    if (this.#readers.size > 0) {
      this.#askForPreviews()
      return
    }
    this.connection.send({ type: 'unfollow', job: this.job })
    this.#leave()
    this.onEmpty()
  }

  opened(): void {
    const { job, position: since } = this
    this.#kinds = this.#wantedKinds()
    this.connection.send({ type: 'follow', job, since, previews: [...this.#kinds] })
  }

  frame(frame: ServerFrame): void {
    if (!('job' in frame) || frame.job !== this.job) return
    if (frame.type === 'event') this.#take(frame.event)
    if (frame.type === 'error') {
      this.#leave()
      this.failed(new ServerFault(frame))
    }
  }

  preview(preview: PreviewFrame): void {
    if (preview.header.job !== this.job) return
    for (const reader of this.#readers) if (reader.previews.includes(preview.header.kind)) reader.takePreview(preview)
  }

  failed(fault: Error): void {
    const readers = [...this.#readers]
    this.#readers.clear()
    this.onEmpty()
    for (const reader of readers) reader.fail(fault)
  }

  #take(event: JobEvent): void {
    // After a second `follow` on the same connection, events come again.
    if (event.seq <= this.position) return
    if (event.seq > this.position + 1) {
      this.#gap(event.seq)
      return
    }
    this.position = event.seq
    for (const reader of this.#readers) reader.take(event)
  }

  /** Something was lost on the way: a new connection asks for it again, once. */
  #gap(seq: number): void {
    const found = `job ${this.job}: expected event ${this.position + 1}, got ${seq}`
    if (this.#gapAt !== this.position) {
      this.#gapAt = this.position
      this.connection.cut(found)
    } else {
      this.#leave()
      this.failed(new ConnectionFault('client/log-gap', found))
    }
  }

  #wantedKinds(): readonly PreviewKind[] {
    return [...new Set([...this.#readers].flatMap((reader) => reader.previews))].sort()
  }

  #askForPreviews(): void {
    if (`${this.#wantedKinds()}` === `${this.#kinds}`) return
    this.connection.send({ type: 'unfollow', job: this.job })
    this.opened()
  }
}
