// A worker as the server sees one: speaks the protocol's frames, runs nothing, and says what the test wants it to say.
import { once } from 'node:events'
import {
  type Assignment,
  type Capabilities,
  encodePreview,
  type OrderFrame,
  type PreviewHeader,
  protocolVersion,
  type RunEvent,
  type TryEnd,
  workerPath,
} from '@dreamgraph/protocol'
import { WebSocket } from 'ws'
import { eventually } from './eventually.js'

export interface FakeWorkerOptions {
  readonly name?: string
  readonly slots?: number
  readonly models?: readonly string[]
  /** Finishes whatever it gets at once. */
  readonly isEager?: boolean
}

let workers = 0

export class FakeWorker {
  readonly name: string
  readonly orders: OrderFrame[] = []
  /** What it was given, in order. */
  readonly given: Assignment[] = []
  capabilities: Capabilities
  readonly #options: FakeWorkerOptions & { readonly url: string; readonly token: string }
  readonly #said = new Map<string, number>()
  #socket: WebSocket | undefined

  constructor(options: FakeWorkerOptions & { readonly url: string; readonly token: string }) {
    this.#options = options
    this.name = options.name ?? `fake-${++workers}`
    const { slots = 1, models = [] } = options
    this.capabilities = { device: 'none', memoryBytes: 0, models: [...models], packs: [], slots }
  }

  async connect(holding: readonly string[] = []): Promise<void> {
    const { url, token, isEager } = this.#options
    const socket = new WebSocket(url.replace('http', 'ws') + workerPath, {
      headers: { authorization: `Bearer ${token}` },
    })
    this.#socket = socket
    socket.on('error', () => {})
    socket.on('message', (data) => {
      const order = JSON.parse(String(data)) as OrderFrame
      this.orders.push(order)
      if (order.type !== 'run') return
      this.given.push(order.assignment)
      if (isEager) this.say(order.assignment.lease, finished)
    })
    await once(socket, 'open')
    const { name, capabilities } = this
    this.send({ type: 'hello', protocol: protocolVersion, name, capabilities, holding })
    await eventually(() => this.orders.some(({ type }) => type === 'welcome'), `worker ${name}`)
  }

  send(frame: object): void {
    this.#socket?.send(JSON.stringify(frame))
  }

  /** Says something of a lease, numbered on. */
  say(lease: string, ...events: (RunEvent | TryEnd)[]): void {
    const from = (this.#said.get(lease) ?? 0) + 1
    this.#said.set(lease, from + events.length - 1)
    this.send({ type: 'events', lease, from, events })
  }

  /** Resolves once the server has stored what was said of a lease. */
  async heard(lease: string): Promise<void> {
    const said = this.#said.get(lease)
    const isIt = (order: OrderFrame) => order.type === 'ack' && order.lease === lease && order.upTo === said
    await eventually(() => this.orders.some(isIt), `ack for ${this.name}`)
  }

  preview(header: PreviewHeader, bytes: Uint8Array): void {
    this.#socket?.send(encodePreview({ header, bytes }))
  }

  /** The assignment of that number, as it comes. */
  async get(index = 0): Promise<Assignment> {
    await eventually(() => this.given.length > index, `assignment ${index} of ${this.name}`)
    return this.given[index]!
  }

  /** The first order of a type about a lease. */
  async ordered(type: OrderFrame['type'], lease: string): Promise<OrderFrame> {
    const isIt = (order: OrderFrame) => order.type === type && 'lease' in order && order.lease === lease
    await eventually(() => this.orders.some(isIt), `order ${type} of ${this.name}`)
    return this.orders.find(isIt)!
  }

  /** Without a word, as when a cable is pulled. */
  close(): void {
    this.#socket?.terminate()
  }
}

export const finished = { type: 'finished', durationMs: 1 } as const
export const failed = (userFault: boolean) =>
  ({ type: 'failed', error: { code: 'test/failed', message: 'as the test wants it', userFault } }) as const
