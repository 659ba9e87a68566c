// The workers' WebSocket: says hello, then takes orders and reports.
import { type OrderFrame, protocolVersion, workerFrame } from '@dreamgraph/protocol'
import type { RawData, WebSocket } from 'ws'
import { failed } from '../http/answer.js'
import { readJson } from '../http/json-body.js'
import type { Dispatcher, WorkerLink } from '../jobs/dispatcher.js'
import { isLocalName } from '../jobs/local-name.js'
import { ServerProblem } from '../problem.js'

export interface WorkersOptions {
  readonly dispatcher: Dispatcher
  readonly onLog: (line: string) => void
}

const heartbeatMs = 10_000

/** Serves one worker until its socket closes. */
export function acceptWorker(socket: WebSocket, { dispatcher, onLog }: WorkersOptions): void {
  let link: WorkerLink | undefined
  let isAlive = true
  const send = (frame: OrderFrame) => {
    if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(frame))
  }
  const heartbeat = setInterval(() => {
    if (!isAlive) return socket.terminate()
    isAlive = false
    socket.ping()
  }, heartbeatMs)

  const hello = (data: RawData): void => {
    const frame = workerFrame.parse(readJson(data as Buffer))
    if (frame.type !== 'hello')
      throw new ServerProblem('request/invalid', `frame: expected hello first, got ${frame.type}`)
    if (frame.protocol !== protocolVersion) {
      const rule = `protocol ${protocolVersion}`
      throw new ServerProblem(
        'request/invalid',
        `worker: expected ${rule}, got ${frame.protocol}: update one of the two`,
      )
    }
    // The same worker again: its former connection has not noticed yet that it is broken.
    for (const other of dispatcher.workers) if (other.name === frame.name) dispatcher.disconnect(other)
    link = {
      name: frame.name,
      local: isLocalName(frame.name),
      connectedAtMs: Date.now(),
      capabilities: frame.capabilities,
      isStopping: false,
      live: new Map(),
      send,
    }
    send({ type: 'welcome', protocol: protocolVersion, worker: frame.name })
    dispatcher.connect(link, frame.holding)
    onLog(`worker ${frame.name}: ${frame.capabilities.device}`)
  }

  socket.on('pong', () => {
    isAlive = true
  })
  socket.on('message', (data, isBinary) => {
    isAlive = true
    try {
      if (!link) hello(data)
      else if (isBinary) dispatcher.preview(link, data as Buffer)
      else dispatcher.frame(link, workerFrame.parse(readJson(data as Buffer)))
    } catch (error) {
      const { body } = failed(error, '')
      if (link) dispatcher.distrust(link, error)
      send({ type: 'error', code: body.code, message: body.message })
      onLog(`worker ${link?.name ?? 'unknown'}: ${body.message}`)
      socket.close(4400, body.code)
    }
  })
  socket.on('error', (error) => {
    const isTooLarge = (error as { code?: string }).code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH'
    if (link && isTooLarge) dispatcher.distrust(link, error)
    socket.terminate()
  })
  socket.once('close', () => {
    clearInterval(heartbeat)
    if (link) {
      dispatcher.disconnect(link)
      onLog(`worker ${link.name}: disconnected`)
    }
  })
}
