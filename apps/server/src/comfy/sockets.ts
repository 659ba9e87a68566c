// The WebSocket of ComfyUI's clients. What a client has not read piles up only so far: progress and previews are left out,
// then the connection is cut, and the history still tells how everything ended.
import { randomUUID } from 'node:crypto'
import type { RawData, WebSocket } from 'ws'
import type { Message } from './outcome.js'
import { previewMessage, type RunPreview } from './preview-message.js'

export interface SocketsOptions {
  /** Prompts of a submitter that have not ended. */
  readonly remaining: (owner: string) => number
  readonly features: Readonly<Record<string, unknown>>
  /** A client came, or left. */
  readonly onChange: (owner: string, clientId: string) => void
  /** What one that came has missed. */
  readonly greeting: (owner: string, clientId: string) => readonly Message[]
}

/** Bytes on their way to a client, above which what the next message will say anyway is left out, and too many of them. */
const fullBytes = 512 * 1024
const mostBytes = 8 * 2 ** 20
/** Python clients answer pings only while they read, which may be once in a prompt. */
const pingEveryMs = 60_000
const mostUnanswered = 10

interface Client {
  readonly socket: WebSocket
  readonly owner: string
  readonly id: string
  hasMetadata: boolean
  unanswered: number
}

export class ComfySockets {
  readonly #options: SocketsOptions
  readonly #clients = new Map<string, Set<Client>>()
  readonly #pings: NodeJS.Timeout

  constructor(options: SocketsOptions) {
    this.#options = options
    this.#pings = setInterval(() => this.#ping(), pingEveryMs)
  }

  get size(): number {
    return [...this.#clients.values()].reduce((sum, { size }) => sum + size, 0)
  }

  has(owner: string, clientId: string | null): boolean {
    return this.#of(owner).some(({ id }) => id === clientId)
  }

  accept(socket: WebSocket, owner: string, clientId: string | undefined): void {
    const id = clientId || randomUUID().replaceAll('-', '')
    const client: Client = { socket, owner, id, hasMetadata: false, unanswered: 0 }
    const clients = this.#clients.get(owner) ?? new Set()
    this.#clients.set(owner, clients.add(client))
    socket.once('message', (data, isBinary) => this.#first(client, data, isBinary))
    socket.on('message', () => {
      client.unanswered = 0
    })
    socket.on('pong', () => {
      client.unanswered = 0
    })
    socket.on('error', () => socket.terminate())
    socket.once('close', () => {
      clients.delete(client)
      if (clients.size === 0 && this.#clients.get(owner) === clients) this.#clients.delete(owner)
      this.#options.onChange(owner, id)
    })
    put(client, this.#status(owner, id))
    for (const message of this.#options.greeting(owner, id)) put(client, message)
    this.#options.onChange(owner, id)
  }

  /** The first message may say what the client can do. */
  #first(client: Client, data: RawData, isBinary: boolean): void {
    if (isBinary) return
    const said = readJson(String(data))
    if (said?.type !== 'feature_flags') return
    client.hasMetadata = said.data?.supports_preview_metadata === true
    put(client, { type: 'feature_flags', data: this.#options.features })
  }

  /** To one client; `isPassing`: the next message of the kind says it better. */
  send(owner: string, clientId: string | null, message: Message, isPassing = false): void {
    for (const client of this.#of(owner)) {
      if (client.id === clientId && !(isPassing && isFull(client))) put(client, message)
    }
  }

  preview(owner: string, clientId: string | null, preview: RunPreview): void {
    for (const client of this.#of(owner)) {
      if (client.id !== clientId || isFull(client)) continue
      const bytes = previewMessage(preview, { hasMetadata: client.hasMetadata })
      if (client.socket.readyState === client.socket.OPEN) client.socket.send(bytes)
    }
  }

  tellStatus(owner: string): void {
    for (const client of this.#of(owner)) put(client, this.#status(owner))
  }

  #status(owner: string, sid?: string): Message {
    const status = { exec_info: { queue_remaining: this.#options.remaining(owner) } }
    return { type: 'status', data: { status, ...(sid !== undefined && { sid }) } }
  }

  #of(owner: string): Client[] {
    return [...(this.#clients.get(owner) ?? [])]
  }

  #ping(): void {
    for (const clients of this.#clients.values()) {
      for (const client of clients) {
        if (client.unanswered++ >= mostUnanswered) client.socket.terminate()
        else client.socket.ping()
      }
    }
  }

  close(): void {
    clearInterval(this.#pings)
    for (const clients of this.#clients.values()) for (const { socket } of clients) socket.close(1001, 'server stops')
  }
}

const isFull = ({ socket }: Client): boolean => socket.bufferedAmount > fullBytes

function put({ socket }: Client, message: Message): void {
  if (socket.readyState !== socket.OPEN) return
  if (socket.bufferedAmount > mostBytes) socket.terminate()
  else socket.send(JSON.stringify(message))
}

function readJson(text: string): { type?: unknown; data?: { supports_preview_metadata?: unknown } } | undefined {
  try {
    return JSON.parse(text) ?? undefined
  } catch {
    return undefined
  }
}
