// Lets WebSockets in, by the same gate as requests.
import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { eventsPath, workerPath } from '@dreamgraph/protocol'
import { type WebSocket, WebSocketServer } from 'ws'
import { failed } from '../http/answer.js'
import { ServerProblem } from '../problem.js'
import type { Gate } from '../security/gate.js'
import type { Identity } from '../security/tokens.js'

export interface UpgradeOptions {
  readonly gate: Gate
  readonly frameBytes: number
  readonly maxClients: number
  readonly onClient: (socket: WebSocket, identity: Identity | undefined) => void
  readonly onWorker: (socket: WebSocket) => void
  /** Other paths, such as ComfyUI's; true when it has taken the socket. */
  readonly onOther?: (request: IncomingMessage, take: () => Promise<WebSocket>) => boolean
}

/** Frames of workers carry previews and events of many nodes. */
const workerFrameBytes = 16 * 2 ** 20

export function acceptUpgrades(server: Server, options: UpgradeOptions): () => void {
  const { gate, frameBytes, maxClients, onClient, onWorker, onOther } = options
  const common = { noServer: true, perMessageDeflate: false, clientTracking: true } as const
  const clients = new WebSocketServer({ ...common, maxPayload: frameBytes })
  const workers = new WebSocketServer({ ...common, maxPayload: workerFrameBytes })

  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy())
    const take = (from: WebSocketServer) =>
      new Promise<WebSocket>((resolve) => from.handleUpgrade(request, socket, head, resolve))
    try {
      gate.checkPlace(request.headers)
      const path = (request.url ?? '').split('?')[0]
      if (path === workerPath) {
        const identity = gate.expect(gate.identify(request.headers), 'worker')
        void take(workers).then((worker) => {
          gate.hold(worker, identity)
          onWorker(worker)
        })
      } else if (path === eventsPath) {
        if (clients.clients.size >= maxClients) {
          throw new ServerProblem('request/too-many', `clients: expected at most ${maxClients}, got one more`)
        }
        // Browsers cannot send a token here; theirs comes in the first frame.
        const identity = gate.identify(request.headers)
        if (identity) gate.expect(identity, 'read')
        void take(clients).then((client) => onClient(client, identity))
      } else if (!onOther?.(request, () => take(clients))) {
        throw new ServerProblem('request/not-found', `path: expected a WebSocket of this server, got ${path}`)
      }
    } catch (error) {
      const { status, body } = failed(error, '')
      const text = JSON.stringify(body)
      socket.end(
        `HTTP/1.1 ${status} Refused\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(text)}\r\n` +
          `Connection: close\r\n\r\n${text}`,
      )
    }
  })
  return () => {
    for (const from of [clients, workers]) {
      for (const socket of from.clients) socket.terminate()
      from.close()
    }
  }
}
