// The clients' WebSocket.
import {
  type ClientFrame,
  clientFrame,
  type Job,
  type JobEvent,
  type PreviewKind,
  protocolVersion,
  type ServerFrame,
} from '@dreamgraph/protocol'
import type { RawData, WebSocket } from 'ws'
import type { z } from 'zod'
import { failed } from '../http/answer.js'
import { readJson } from '../http/json-body.js'
import type { Hub } from '../jobs/hub.js'
import type { Asker } from '../jobs/jobs.js'
import { ServerProblem } from '../problem.js'
import type { Identity } from '../security/tokens.js'
import { Follow } from './follow.js'

export interface ClientsOptions {
  readonly hub: Hub
  readonly version: string
  /** Throws request/not-found. */
  readonly checkJob: (asker: Asker, job: string) => Promise<unknown>
  readonly readEvents: (job: string, since: number, limit: number) => Promise<readonly JobEvent[]>
  readonly identify: (token: string) => Identity
  /** Has the socket end with the token behind the identity. */
  readonly hold: (socket: WebSocket, identity: Identity) => void
  /** Told which preview kinds are wanted of a job by all clients together. */
  readonly onWant: (job: string, kinds: readonly PreviewKind[]) => void
  readonly onError: (error: unknown) => void
}

/** Bytes on their way to a client above which previews are dropped, and events are read later instead of sent. */
const fullBytes = 512 * 1024
const mostFollows = 1000
const tellAgainMs = 50
/** A client that says nothing within this, not even by itself through its WebSocket, is gone. */
const heartbeatMs = 30_000
/** Within this a client has to say who it is. */
const nobodyMs = 10_000

interface Following {
  readonly follow: Follow
  readonly kinds: readonly PreviewKind[]
  readonly stop: () => void
}

export class Clients {
  readonly #options: ClientsOptions
  readonly #clients = new Set<Client>()
  readonly #heartbeat: NodeJS.Timeout

  constructor(options: ClientsOptions) {
    this.#options = options
    this.#heartbeat = setInterval(() => {
      for (const client of this.#clients) client.beat()
    }, heartbeatMs)
  }

  get size(): number {
    return this.#clients.size
  }

  /** Without an identity the first frame must bring a token. */
  accept(socket: WebSocket, identity: Identity | undefined): void {
    const client = new Client(socket, identity, this.#options, (job) => this.#want(job))
    this.#clients.add(client)
    socket.once('close', () => {
      this.#clients.delete(client)
      client.close()
    })
  }

  /** A preview of a worker to all who want its kind, but for those who are behind. */
  preview(job: string, kind: PreviewKind, frame: Uint8Array): void {
    for (const client of this.#clients) client.preview(job, kind, frame)
  }

  #want(job: string): void {
    const kinds = new Set([...this.#clients].flatMap((client) => client.kindsOf(job)))
    this.#options.onWant(job, [...kinds])
  }

  close(): void {
    clearInterval(this.#heartbeat)
    for (const client of this.#clients) client.leave()
  }
}

class Client {
  readonly #socket: WebSocket
  readonly #options: ClientsOptions
  readonly #onWant: (job: string) => void
  readonly #follows = new Map<string, Following>()
  #identity: Identity | undefined
  #unwatch: (() => void) | undefined
  #isAlive = true
  #turn: Promise<void> = Promise.resolve()
  /** Jobs that changed while the client was behind, as they are now. */
  readonly #changed = new Map<string, Job>()
  #telling: NodeJS.Timeout | undefined
  #nobody: NodeJS.Timeout | undefined

  constructor(
    socket: WebSocket,
    identity: Identity | undefined,
    options: ClientsOptions,
    onWant: (job: string) => void,
  ) {
    this.#socket = socket
    this.#options = options
    this.#onWant = onWant
    socket.on('message', (data, isBinary) => this.#receive(data, isBinary))
    socket.on('pong', () => {
      this.#isAlive = true
    })
    socket.on('error', () => socket.terminate())
    if (identity) this.#welcome(identity)
    else this.#nobody = setTimeout(() => socket.close(4401, 'token'), nobodyMs)
  }

  get #asker(): Asker {
    return { name: this.#identity?.name ?? '', isAdmin: this.#identity?.scopes.has('admin') ?? false }
  }

  #welcome(identity: Identity): void {
    clearTimeout(this.#nobody)
    this.#identity = identity
    this.#options.hold(this.#socket, identity)
    this.#send({ type: 'welcome', protocol: protocolVersion, server: this.#options.version, submitter: identity.name })
  }

  #send(frame: ServerFrame): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(JSON.stringify(frame))
  }

  #receive(data: RawData, isBinary: boolean): void {
    this.#isAlive = true
    try {
      if (isBinary) throw new ServerProblem('request/invalid', 'frame: expected text, got bytes')
      const frame = clientFrame.parse(readJson(data as Buffer))
      if (frame.type === 'token') this.#welcome(this.#options.identify(frame.token))
      else if (!this.#identity) throw new ServerProblem('request/unauthorized', 'frame: expected a token first')
      else this.#inTurn(frame)
    } catch (error) {
      this.#refuse(error)
      if (!this.#identity) this.#socket.close(4401, 'token')
    }
  }

  /** One after the other, so that an `unfollow` never overtakes its `follow`. */
  #inTurn(frame: z.output<typeof clientFrame>): void {
    this.#turn = this.#turn
      .then(() => this.#obey(frame))
      .catch((error) => this.#refuse(error, 'job' in frame ? frame.job : undefined))
  }

  #refuse(error: unknown, job?: string): void {
    const { body, isInternal } = failed(error, '')
    if (isInternal) this.#options.onError(error)
    this.#send({ type: 'error', code: body.code, message: body.message, ...(job !== undefined && { job }) })
  }

  async #obey(frame: z.output<typeof clientFrame>): Promise<void> {
    switch (frame.type) {
      case 'follow':
        return this.#follow(frame)
      case 'unfollow':
        return this.#unfollow(frame.job)
      case 'follow-jobs':
        this.#unwatch ??= this.#options.hub.watch({
          owner: this.#asker.isAdmin ? undefined : this.#asker.name,
          onJob: (job) => this.#tellJob(job),
          onRemoved: (job) => {
            this.#changed.delete(job)
            this.#send({ type: 'job-removed', job })
          },
        })
        return
      case 'unfollow-jobs':
        this.#unwatch?.()
        this.#unwatch = undefined
        this.#stopTelling()
        return
      case 'ping':
        return this.#send({ type: 'pong', ...(frame.id !== undefined && { id: frame.id }) })
      case 'token':
    }
  }

  async #follow({ job, since = 0, previews = [] }: Extract<ClientFrame, { type: 'follow' }>): Promise<void> {
    const { hub, checkJob, readEvents, onError } = this.#options
    if (this.#follows.size >= mostFollows) {
      throw new ServerProblem('request/too-many', `follow: expected at most ${mostFollows} jobs, got one more`)
    }
    await checkJob(this.#asker, job)
    if (this.#socket.readyState !== this.#socket.OPEN) return
    this.#unfollow(job)
    const follow = new Follow({
      since,
      read: (after, limit) => readEvents(job, after, limit),
      send: (event) => this.#send({ type: 'event', job, event }),
      isFull: () => this.#isFull(),
      onError,
    })
    const stop = hub.follow(job, (events) => follow.tell(events))
    this.#follows.set(job, { follow, kinds: previews, stop })
    if (previews.length > 0) this.#onWant(job)
  }

  #unfollow(job: string): void {
    const following = this.#follows.get(job)
    if (!following) return
    following.stop()
    following.follow.close()
    this.#follows.delete(job)
    if (following.kinds.length > 0) this.#onWant(job)
  }

  /** Of a job that changes faster than the client reads, it gets the newest state only. */
  #tellJob(job: Job): void {
    if (this.#changed.size === 0 && !this.#isFull()) {
      this.#send({ type: 'job', job })
      return
    }
    this.#changed.set(job.id, job)
    this.#telling ??= setInterval(() => {
      for (const [id, changed] of this.#changed) {
        if (this.#isFull()) return
        this.#changed.delete(id)
        this.#send({ type: 'job', job: changed })
      }
      this.#stopTelling()
    }, tellAgainMs)
  }

  #stopTelling(): void {
    clearInterval(this.#telling)
    this.#telling = undefined
    this.#changed.clear()
  }

  #isFull(): boolean {
    return this.#socket.bufferedAmount > fullBytes
  }

  kindsOf(job: string): readonly PreviewKind[] {
    return this.#follows.get(job)?.kinds ?? []
  }

  preview(job: string, kind: PreviewKind, frame: Uint8Array): void {
    if (this.kindsOf(job).includes(kind) && !this.#isFull()) this.#socket.send(frame)
  }

  beat(): void {
    if (!this.#isAlive) {
      this.#socket.terminate()
      return
    }
    this.#isAlive = false
    this.#socket.ping()
  }

  close(): void {
    clearTimeout(this.#nobody)
    this.#unwatch?.()
    this.#stopTelling()
    for (const job of [...this.#follows.keys()]) this.#unfollow(job)
  }

  leave(): void {
    this.#socket.close(1001, 'server stops')
  }
}
