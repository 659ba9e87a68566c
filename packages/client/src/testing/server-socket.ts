/** The server's end of one WebSocket, strict with what the client says, and cutting where its rig says so. */
import {
  clientFrame,
  encodePreview,
  type Job,
  type JobEvent,
  type PreviewFrame,
  type ServerFrame,
} from '@dreamgraph/protocol'
import type { WebSocket } from 'ws'
import type { Rig } from './rig.js'

export interface ServerSocketParts {
  readonly socket: WebSocket
  readonly rig: Rig
  /** Token in the header was right, or none is needed. */
  readonly isKnown: boolean
  readonly isToken: (token: string) => boolean
  readonly logOf: (job: string) => readonly JobEvent[] | undefined
  readonly protocol: number
}

export class ServerSocket {
  readonly #parts: ServerSocketParts
  readonly #following = new Map<string, { sent: number; previews: readonly string[] }>()
  #queue = Promise.resolve()
  #isKnown: boolean
  isFollowingJobs = false
  /** True: says nothing any more, as after a cable was pulled. */
  isMute = false
  readonly received: string[] = []

  constructor(parts: ServerSocketParts) {
    this.#parts = parts
    this.#isKnown = parts.isKnown
    parts.socket.on('message', (data) => this.#receive(JSON.parse(`${data}`)))
    parts.socket.on('error', () => {})
    if (this.#isKnown) this.#welcome()
  }

  get follows(): readonly string[] {
    return [...this.#following.keys()]
  }

  /** Sends what a follower has not got yet. */
  pump(job: string): void {
    const follow = this.#following.get(job)
    const log = this.#parts.logOf(job)
    for (; follow && log && follow.sent < log.length; follow.sent++) {
      const event = log[follow.sent]!
      this.#send({ type: 'event', job, event }, () => this.#following.get(job) === follow)
    }
  }

  preview(frame: PreviewFrame): void {
    if (this.#following.get(frame.header.job)?.previews.includes(frame.header.kind)) this.sendRaw(encodePreview(frame))
  }

  job(job: Job): void {
    if (this.isFollowingJobs) this.#send({ type: 'job', job })
  }

  removed(job: string): void {
    if (this.isFollowingJobs) this.#send({ type: 'job-removed', job })
  }

  /** Anything at all, in its turn. */
  sendRaw(data: string | Uint8Array, isWanted = () => true): void {
    this.#queue = this.#queue.then(async () => {
      const delayMs = this.#parts.rig.delayMs()
      if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs))
      if (this.isMute || !isWanted() || this.#parts.socket.readyState !== 1) return
      this.#transmit(data)
    })
  }

  terminate(): void {
    this.#parts.socket.terminate()
  }

  #transmit(data: string | Uint8Array): void {
    const { socket, rig } = this.#parts
    const cut = rig.cut()
    if (cut === undefined || cut === 'after') socket.send(data)
    if (cut === 'politely') socket.close(1001, 'going away')
    else if (cut === 'half') this.#sendHalf(data)
    else if (cut === 'after') setTimeout(() => socket.terminate(), 1)
    else if (cut === 'before') socket.terminate()
  }

  /** A frame of 126 and more bytes by its header, of which half come. */
  #sendHalf(data: string | Uint8Array): void {
    const { socket } = this.#parts
    const bytes = Buffer.from(data)
    const header = Buffer.from([
      typeof data === 'string' ? 0x81 : 0x82,
      126,
      (bytes.length + 200) >> 8,
      (bytes.length + 200) & 255,
    ])
    const { _socket: tcp } = socket as unknown as { _socket: import('node:net').Socket }
    tcp.write(Buffer.concat([header, bytes.subarray(0, bytes.length >> 1)]), () => tcp.destroy())
  }

  #send(frame: ServerFrame, isWanted?: () => boolean): void {
    this.sendRaw(JSON.stringify(frame), isWanted)
  }

  #welcome(): void {
    this.#send({ type: 'welcome', protocol: this.#parts.protocol, server: 'test', submitter: 'tester' })
  }

  #receive(given: unknown): void {
    const frame = clientFrame.parse(given)
    this.received.push(frame.type)
    if (!this.#isKnown && frame.type !== 'token') throw new Error(`internal: ${frame.type} before the welcome`)
    switch (frame.type) {
      case 'token': {
        this.#isKnown = this.#parts.isToken(frame.token)
        if (this.#isKnown) this.#welcome()
        else this.#send({ type: 'error', code: 'request/unauthorized', message: 'token: expected a known one' })
        break
      }
      case 'follow': {
        const { job, since, previews } = frame
        const message = `job ${job}: expected one that exists`
        if (this.#parts.logOf(job)) this.#following.set(job, { sent: since, previews })
        else this.#send({ type: 'error', code: 'request/not-found', message, job })
        this.pump(job)
        break
      }
      case 'unfollow':
        this.#following.delete(frame.job)
        break
      case 'follow-jobs':
      case 'unfollow-jobs':
        this.isFollowingJobs = frame.type === 'follow-jobs'
        break
      case 'ping':
        this.#send({ type: 'pong', id: frame.id })
    }
  }
}
