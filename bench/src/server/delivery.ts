// Many clients, each following a job of its own: how long from a worker's word to the client.
import { eventsPath, type ServerFrame } from '@dreamgraph/protocol'
import { WebSocket } from 'ws'
import { fakeWorker, nowMs } from './fake-worker.js'
import type { Served } from './served.js'

export interface Delivery {
  readonly p50Ms: number
  readonly p99Ms: number
  readonly events: number
  readonly idleClientKib: number
}

/** The smallest flow there is. */
export const tinyFlow = { dreamgraph: 2, name: 'tiny', nodes: { a: { type: 'value/text', params: { value: 'a' } } } }

export async function measureDelivery(
  served: Served,
  clients: number,
  perSecond: number,
  seconds: number,
): Promise<Delivery> {
  const worker = await fakeWorker(served, clients)
  const idle = await connectAll(served, clients)
  const before = await served.memoryMib()
  const more = await connectAll(served, clients)
  const idleClientKib = (((await served.memoryMib()) - before) * 1024) / clients
  for (const socket of more) socket.terminate()

  for (let i = 0; i < clients; i++) await served.post('/v1/jobs', { workflow: tinyFlow })
  while (worker.taken.length < clients) await wait(50)
  const lateMs: number[] = []
  for (const [index, socket] of idle.entries()) {
    socket.on('message', (data) => {
      const frame = JSON.parse(String(data)) as ServerFrame
      if (frame.type !== 'event' || frame.event.type !== 'node-progress') return
      lateMs.push(nowMs() - Number(frame.event.label))
    })
    socket.send(JSON.stringify({ type: 'follow', job: worker.taken[index]!.job, since: 0 }))
  }
  await wait(2000)
  const everyMs = 1000 / perSecond
  const startMs = nowMs()
  let sent = 0
  while (sent < perSecond * seconds) {
    const due = Math.floor((nowMs() - startMs) / everyMs)
    for (; sent < Math.min(due, perSecond * seconds); sent++) worker.tell(sent % clients)
    await wait(1)
  }
  await wait(2000)
  if (lateMs.length !== sent) throw new Error(`delivery: expected ${sent} events, got ${lateMs.length}`)
  worker.close()
  for (const socket of idle) socket.terminate()
  lateMs.sort((a, b) => a - b)
  return { p50Ms: quantile(lateMs, 0.5), p99Ms: quantile(lateMs, 0.99), events: sent, idleClientKib }
}

/** `values` in order. */
export const quantile = (values: readonly number[], q: number): number =>
  values[Math.min(values.length - 1, Math.floor(values.length * q))]!

async function connectAll({ url, token }: Served, count: number): Promise<WebSocket[]> {
  const sockets: WebSocket[] = []
  for (let i = 0; i < count; i++) {
    const headers = { authorization: `Bearer ${token}` }
    const socket = new WebSocket(url.replace('http', 'ws') + eventsPath, { headers, perMessageDeflate: false })
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
    sockets.push(socket)
  }
  return sockets
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
