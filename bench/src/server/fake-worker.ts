// A worker that runs nothing: it takes jobs and tells of progress at a given rate, with the time in each event.
import { type Assignment, type OrderFrame, protocolVersion, workerPath } from '@dreamgraph/protocol'
import { WebSocket } from 'ws'
import type { Served } from './served.js'

export interface FakeWorker {
  readonly taken: readonly Assignment[]
  /** Sends one progress event of a job. */
  readonly tell: (index: number) => void
  readonly close: () => void
}

/** Milliseconds on a clock that all processes share. */
export const nowMs = (): number => performance.timeOrigin + performance.now()

/** Connects with room for `slots` jobs at once. */
export async function fakeWorker({ url, token }: Served, slots: number): Promise<FakeWorker> {
  const socket = new WebSocket(url.replace('http', 'ws') + workerPath, {
    headers: { authorization: `Bearer ${token}` },
  })
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
  const taken: Assignment[] = []
  const counts = new Map<string, number>()
  socket.on('message', (data) => {
    const order = JSON.parse(String(data)) as OrderFrame
    if (order.type === 'run') taken.push(order.assignment)
    if (order.type === 'error') throw new Error(order.message)
  })
  const capabilities = { device: 'none', memoryBytes: 0, models: ['mini'], packs: [], slots }
  socket.send(JSON.stringify({ type: 'hello', protocol: protocolVersion, name: 'bench', capabilities, holding: [] }))
  return {
    taken,
    tell(index) {
      const { lease } = taken[index]!
      const from = (counts.get(lease) ?? 0) + 1
      counts.set(lease, from)
      const event = { type: 'node-progress', node: 'a', done: from, total: 1000, label: `${nowMs()}` }
      socket.send(JSON.stringify({ type: 'events', lease, from, events: [event] }))
    },
    close: () => socket.terminate(),
  }
}
