/** The one WebSocket of a client: open while somebody listens, watched by heartbeats, opened again after every break. */
import type { ClientFrame, PreviewFrame, ServerFrame } from '@dreamgraph/protocol'
import { ConnectionFault, ServerFault } from './faults.js'
import { backoffMs, type Patience } from './patience.js'
import { decodePreview } from './preview-frame.js'
import { protocolVersion } from './route-table.js'
import { abandon, type SocketLike } from './socket.js'

export interface ConnectionState {
  /** idle: nothing is followed. away: between two tries. */
  readonly status: 'idle' | 'connecting' | 'open' | 'away'
  /** Of away: wait until the next try. */
  readonly retryInMs?: number
  /** Of away: what ended the try, or the connection, before. */
  readonly reason?: string
}

/** Somebody for whom the connection is held open. */
export interface Listener {
  /** The connection is open, for the first time or again; what was asked for before is forgotten by the server. */
  opened(): void
  frame(frame: ServerFrame): void
  preview?(preview: PreviewFrame): void
  /** Nothing will come any more; the listener has been taken out. */
  failed(fault: Error): void
}

export interface Connection {
  /** Listens until the returned function is called. */
  join(listener: Listener): () => void
  /** Sends a frame if the connection is open; otherwise nothing, since `opened` will ask anew. */
  send(frame: ClientFrame): void
  /** Ends the connection as unusable; it is opened anew. */
  cut(reason: string): void
  /** Tries at once instead of after the wait. */
  reconnect(): void
  /** Tells the state now and at every change, until the returned function is called. */
  watch(watcher: (state: ConnectionState) => void): () => void
  /** Ends it for good; listeners fail with `client/closed`. */
  close(): void
}

export interface ConnectionParts {
  readonly open: () => SocketLike
  /** Asks over HTTP why a handshake failed, which a WebSocket does not say; resolves with a fault that will stay. */
  readonly askWhy: () => Promise<Error | undefined>
  readonly patience: Patience
}

/** Errors about the connection as a whole after which another try may go better. */
const passing: readonly string[] = [
  'server/stopping',
  'server/unavailable',
  'server/queue-full',
  'request/too-many',
  'internal',
]

export function createConnection({ open, askWhy, patience }: ConnectionParts): Connection {
  const listeners = new Set<Listener>()
  const watchers = new Set<(state: ConnectionState) => void>()
  let state: ConnectionState = { status: 'idle' }
  let socket: SocketLike | undefined
  let attempt = 0
  let openedAtMs = 0
  let isAsking = false
  let isClosed = false

  // At any time one thing is waited for: the welcome, a ping's turn or its pong, the end of lingering, the next try.
  let timer: ReturnType<typeof setTimeout> | undefined
  function wait(ms: number, then: () => void): void {
    clearTimeout(timer)
    timer = setTimeout(then, ms)
  }

  function become(next: ConnectionState): void {
    state = next
    for (const watcher of watchers) tell(watcher)
  }

  /** In a turn of its own: what a watcher throws is its own affair. */
  function tell(watcher: (state: ConnectionState) => void): void {
    const told = state
    queueMicrotask(() => watchers.has(watcher) && watcher(told))
  }

  function dial(): void {
    const mine = open()
    socket = mine
    mine.binaryType = 'arraybuffer'
    mine.addEventListener('open', () => socket === mine && doubt())
    mine.addEventListener('message', ({ data }) => socket === mine && receive(data))
    mine.addEventListener('close', ({ code, reason }) => socket === mine && cut(`closed (${code}) ${reason}`.trim()))
    mine.addEventListener('error', () => {}) // A close follows; without a listener `ws` would throw.
    awaitWelcome()
    become({ status: 'connecting' })
  }

  function awaitWelcome(): void {
    wait(patience.welcomeMs, () => cut('no welcome in time'))
  }

  function doubt(): void {
    wait(patience.doubtMs, () => {
      ask()
      awaitWelcome()
    })
  }

  /** Leaves the socket behind, if there is one. */
  function drop(): void {
    clearTimeout(timer)
    const old = socket
    socket = undefined
    if (old) abandon(old)
  }

  function rest(): void {
    drop()
    attempt = 0
    if (state.status !== 'idle') become({ status: 'idle' })
  }

  function cut(reason: string): void {
    if (!socket) return
    if (listeners.size === 0) {
      rest()
      return
    }
    const wasOpen = state.status === 'open'
    if (wasOpen && Date.now() - openedAtMs >= patience.steadyMs) attempt = 0
    drop()
    const retryInMs = backoffMs(attempt++, patience)
    wait(retryInMs, dial)
    if (!wasOpen) ask()
    become({ status: 'away', retryInMs, reason })
  }

  async function ask(): Promise<void> {
    if (isAsking) return
    isAsking = true
    const fault = await askWhy()
    isAsking = false
    if (fault && state.status !== 'open' && listeners.size > 0) fail(fault)
  }

  function fail(fault: Error): void {
    const failing = [...listeners]
    listeners.clear()
    rest()
    for (const listener of failing) listener.failed(fault)
  }

  function receive(data: unknown): void {
    if (state.status === 'open' && listeners.size > 0) beat()
    if (data instanceof ArrayBuffer) {
      const preview = decodePreview(new Uint8Array(data))
      if (preview) for (const listener of listeners) listener.preview?.(preview)
      return
    }
    const frame = parseFrame(data)
    if (!frame) cut('a frame that is not of this protocol')
    else if (frame.type === 'welcome') welcomed(frame.protocol)
    else if (frame.type === 'error' && frame.job === undefined) refused(frame)
    else for (const listener of listeners) listener.frame(frame)
  }

  function refused(error: { readonly code: string; readonly message: string }): void {
    if (passing.includes(error.code)) cut(error.message)
    else fail(new ServerFault(error))
  }

  function welcomed(protocol: number): void {
    if (protocol !== protocolVersion) {
      const message = `server: expected protocol ${protocolVersion}, got ${protocol}`
      fail(new ConnectionFault('client/protocol-version', message))
      return
    }
    openedAtMs = Date.now()
    if (listeners.size > 0) beat()
    else linger()
    become({ status: 'open' })
    for (const listener of listeners) listener.opened()
  }

  function beat(): void {
    wait(patience.pingMs, () => {
      send({ type: 'ping' })
      wait(patience.pongMs, () => cut('no answer to a ping'))
    })
  }

  function linger(): void {
    wait(patience.lingerMs, rest)
  }

  function send(frame: ClientFrame): void {
    if (state.status === 'open') socket?.send(JSON.stringify(frame))
  }

  return {
    join(listener) {
      if (isClosed) throw new ConnectionFault('client/closed', 'client: expected to be open, got closed')
      if (state.status === 'idle') dial()
      listeners.add(listener)
      if (state.status === 'open') {
        beat()
        listener.opened()
      }
      return () => {
        // Others may have gone with a fault, and the connection with them.
        if (listeners.delete(listener) && listeners.size === 0) state.status === 'open' ? linger() : rest()
      }
    },
    send,
    cut,
    reconnect: () => {
      attempt = 0
      if (state.status === 'away') dial()
    },
    watch(watcher) {
      watchers.add(watcher)
      tell(watcher)
      return () => watchers.delete(watcher)
    },
    close() {
      isClosed = true
      fail(new ConnectionFault('client/closed', 'client: expected to be open, got closed'))
    },
  }
}

function parseFrame(data: unknown): ServerFrame | undefined {
  try {
    const frame = JSON.parse(data as string)
    return typeof frame?.type === 'string' ? frame : undefined
  } catch {
    return undefined
  }
}
