// What clients hear over their WebSocket: each event once and in order, however slow they are; previews where they asked.
import { once } from 'node:events'
import { decodePreview, eventsPath, type JobEvent } from '@dreamgraph/protocol'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { eventually } from '../testing/eventually.js'
import { type FakeWorker, finished } from '../testing/fake-worker.js'
import { adminToken, type Frames, openRig, type Rig, startMs } from '../testing/rig.js'

let rig: Rig
let worker: FakeWorker
let turn = 0
let silent: { readonly gone: Promise<unknown[]> }
let named: WebSocket

beforeAll(async () => {
  rig = await openRig()
  worker = await rig.worker()
  // Before the other tests, as a silent one is let be for a while.
  const address = rig.url.replace('http', 'ws') + eventsPath
  silent = { gone: once(new WebSocket(address), 'close') }
  named = new WebSocket(address)
  await once(named, 'open')
  named.send(JSON.stringify({ type: 'token', token: adminToken }))
}, startMs)
afterAll(async () => {
  named.terminate()
  await rig.close()
})

async function begun() {
  const { id } = await rig.submit()
  const { lease } = await worker.get(turn++)
  return { id, lease }
}

const eventsIn = ({ frames }: Frames, job: string) =>
  frames.flatMap((frame) => (frame.type === 'event' && frame.job === job ? [frame.event as JobEvent] : []))
const hasEnded = (client: Frames, job: string) => eventsIn(client, job).at(-1)?.type === 'finished'
const progress = (done: number, label = '') => ({ type: 'node-progress', node: 'a', done, total: 9, label }) as const

test('a log is heard from any point, before, while and after it is written', async () => {
  const client = await rig.socket()
  const { id, lease } = await begun()
  client.send({ type: 'follow', job: id })
  for (let done = 0; done < 30; done++) worker.say(lease, progress(done))
  const late = await rig.socket()
  late.send({ type: 'follow', job: id, since: 10 })
  worker.say(lease, progress(31), finished)
  await eventually(() => hasEnded(client, id) && hasEnded(late, id), 'both clients')
  const afterwards = await rig.socket()
  afterwards.send({ type: 'follow', job: id })
  await eventually(() => hasEnded(afterwards, id), 'the third client')
  const log = await rig.events(id)
  expect(eventsIn(client, id)).toEqual(log)
  expect(eventsIn(late, id)).toEqual(log.slice(10))
  expect(eventsIn(afterwards, id)).toEqual(log)
})

test('a client that does not read gets every event in the end, and only previews are missing', async () => {
  const client = await rig.socket()
  const { id, lease } = await begun()
  client.send({ type: 'follow', job: id, previews: ['picture'] })
  await worker.ordered('previews', lease)
  client.socket.pause()
  const header = { job: id, node: 'a', kind: 'picture', mediaType: 'image/jpeg', width: 8, height: 8 } as const
  const label = 'x'.repeat(60_000)
  for (let done = 0; done < 150; done++) {
    worker.say(lease, progress(done, label))
    if (done % 5 === 0) worker.preview(header, new Uint8Array(100_000))
  }
  worker.say(lease, finished)
  await rig.until(id, ({ state }) => state === 'finished')
  client.socket.resume()
  await eventually(() => hasEnded(client, id), 'the slow client')
  expect(eventsIn(client, id).map(({ seq }) => seq)).toEqual(Array.from({ length: 153 }, (_, index) => index + 1))
  expect(client.previews.length).toBeLessThan(30)
})

test('a client that does not read gets the newest state of every job of the list in the end', async () => {
  const client = await rig.socket()
  client.send({ type: 'follow-jobs' })
  client.send({ type: 'ping', id: 'now' })
  await client.until((frames) => frames.some(({ type }) => type === 'pong'))
  client.socket.pause()
  const ids: string[] = []
  const value = 'x'.repeat(400_000) // comes with every word of the job
  for (let count = 0; count < 3; count++) {
    const { id, lease } = await begun()
    worker.say(lease, { type: 'output', output: { name: 'text', value } })
    for (let done = 0; done < 12; done++) {
      worker.say(lease, progress(done))
      await worker.heard(lease)
    }
    worker.say(lease, finished)
    ids.push(id)
  }
  for (const id of ids) await rig.until(id, ({ state }) => state === 'finished')
  client.socket.resume()
  const newest = () =>
    new Map(client.frames.flatMap(({ type, job }) => (type === 'job' ? [[(job as { id: string }).id, job]] : [])))
  const told = client.frames.length
  await eventually(() => ids.every((id) => (newest().get(id) as { state?: string })?.state === 'finished'), 'the list')
  expect(client.frames.length - told).toBeLessThan(36)
})

test('previews reach those who asked for their kind', async () => {
  const [pictures, maps, none] = [await rig.socket(), await rig.socket(), await rig.socket()]
  const { id, lease } = await begun()
  pictures.send({ type: 'follow', job: id, previews: ['picture'] })
  maps.send({ type: 'follow', job: id, previews: ['routing'] })
  none.send({ type: 'follow', job: id })
  await eventually(
    () => worker.orders.some((order) => order.type === 'previews' && order.lease === lease && order.kinds.length === 2),
    'the wish for both kinds',
  )
  const header = { job: id, node: 'a', mediaType: 'image/jpeg', width: 2, height: 2 } as const
  worker.preview({ ...header, kind: 'picture' }, Uint8Array.of(1, 2, 3))
  worker.preview({ ...header, kind: 'routing', reference: 1 }, Uint8Array.of(4))
  worker.say(lease, finished)
  await eventually(() => [pictures, maps, none].every((client) => hasEnded(client, id)), 'the clients')
  await eventually(() => pictures.previews.length + maps.previews.length === 2, 'the previews')
  expect(decodePreview(pictures.previews[0]!)).toMatchObject({ header: { kind: 'picture', job: id } })
  expect([...decodePreview(pictures.previews[0]!)!.bytes]).toEqual([1, 2, 3])
  expect(decodePreview(maps.previews[0]!)).toMatchObject({ header: { kind: 'routing', reference: 1 } })
  expect(none.previews).toEqual([])
})

test('a follow that is taken back at once is over', async () => {
  const client = await rig.socket()
  const { id, lease } = await begun()
  client.send({ type: 'follow', job: id })
  client.send({ type: 'unfollow', job: id })
  client.send({ type: 'ping', id: 'after' })
  await client.until((frames) => frames.some((frame) => frame.type === 'pong'))
  const heard = eventsIn(client, id).length
  worker.say(lease, progress(1), finished)
  await rig.until(id, ({ state }) => state === 'finished')
  expect(eventsIn(client, id)).toHaveLength(heard)
})

test('jobs of others are not told of, and what is no frame is answered with an error', async () => {
  const stranger = await rig.socket(await rig.token('stranger', 'read'))
  stranger.send({ type: 'follow-jobs' })
  const { id, lease } = await begun()
  stranger.send({ type: 'follow', job: id })
  stranger.send({ type: 'dance' })
  worker.say(lease, finished)
  await rig.until(id, ({ state }) => state === 'finished')
  await stranger.until((frames) => frames.filter(({ type }) => type === 'error').length === 2)
  const told = stranger.frames.filter(({ type }) => type !== 'welcome')
  expect(told.map(({ code }) => code).sort()).toEqual(['request/invalid', 'request/not-found'])
})

test('a client that does not say who it is has to go, and only such a one', async () => {
  const [code] = await silent.gone
  expect(code).toBe(4401)
  expect(named.readyState).toBe(named.OPEN)
}, 30_000)
