// In which order jobs go to workers, and to which: real requests, a real embedded database, workers that only speak.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { finished } from '../testing/fake-worker.js'
import { flowWith, openRig, type Rig, smallFlow, startMs } from '../testing/rig.js'

let rig: Rig
const queued: string[] = []

beforeAll(async () => {
  rig = await openRig({ limits: { queuedJobs: 30 } })
}, startMs)
afterAll(() => rig.close())

/** Submits without a worker there, with a name to tell jobs apart by. */
async function submit(title: string, given: Record<string, unknown> = {}, token?: string): Promise<string> {
  const { id } = await rig.submit({ title, ...given }, token)
  queued.push(id)
  return id
}

/** Titles in the order in which a worker gets all that waits. */
async function runAll(): Promise<string[]> {
  const worker = await rig.worker({ isEager: true })
  await Promise.all(queued.map((id) => rig.until(id, ({ state }) => state === 'finished')))
  worker.close()
  const jobs = await Promise.all(worker.given.map(({ job }) => rig.job(job)))
  queued.length = 0
  return jobs.map(({ title }) => title)
}

test('submitters take turns, and who comes late does not wait behind a heap', async () => {
  const [ann, bob, eve] = await Promise.all(['ann', 'bob', 'eve'].map((name) => rig.token(name, 'submit')))
  for (const title of ['a1', 'a2', 'a3', 'a4']) await submit(title, {}, ann)
  for (const title of ['b1', 'b2']) await submit(title, {}, bob)
  await submit('e1', {}, eve)
  expect(await runAll()).toEqual(['a1', 'b1', 'e1', 'a2', 'b2', 'a3', 'a4'])
})

test('a higher priority goes first, whoever submits it', async () => {
  const ann = await rig.token('ann again', 'submit')
  await submit('low', { priority: -5 })
  await submit('plain 1')
  await submit('plain 2')
  await submit('high', { priority: 7 }, ann)
  expect(await runAll()).toEqual(['high', 'plain 1', 'plain 2', 'low'])
})

test('jobs move to the front, the end, beside others and to another priority; the list shows the order', async () => {
  const [a, b, c, d] = [await submit('a'), await submit('b'), await submit('c'), await submit('d')]
  const move = (id: string, body: object) => rig.ask(`POST /jobs/${id}/move`, { body })
  await move(d, { to: 'first' }) // d a b c
  await move(a, { to: 'last' }) // d b c a
  await move(c, { before: b }) // d c b a
  await move(d, { after: b }) // c b d a
  await move(a, { priority: 3 }) // a c b d
  const list = await rig.ask<{ items: { title: string }[] }>('GET /jobs?order=queue')
  expect(list.body.items.map(({ title }) => title)).toEqual(['a', 'c', 'b', 'd'])
  expect(await move(a, { before: b })).toMatchObject({ status: 400, body: { code: 'request/invalid' } })
  expect(await runAll()).toEqual(['a', 'c', 'b', 'd'])
  expect(await move(b, { to: 'first' })).toMatchObject({ status: 409, body: { code: 'job/state' } })
})

test('a paused job keeps its place and lets others pass', async () => {
  const a = await submit('a')
  await submit('b')
  expect(await rig.ask(`POST /jobs/${a}/pause`)).toMatchObject({ body: { state: 'paused' } })
  const worker = await rig.worker()
  const first = await worker.get()
  await rig.ask(`POST /jobs/${a}/resume`)
  worker.say(first.lease, finished)
  const second = await worker.get(1)
  worker.say(second.lease, finished)
  expect([(await rig.job(first.job)).title, (await rig.job(second.job)).title]).toEqual(['b', 'a'])
  worker.close()
  expect((await rig.events(a)).map((event) => ('reason' in event ? event.reason : event.type)).slice(0, 4)).toEqual([
    'submitted',
    'paused',
    'resumed',
    'started',
  ])
  await runAll()
})

test('a job that needs a model waits for a worker that has it, and shows as one that none can run', async () => {
  const other = await rig.worker({ slots: 5 })
  const { id } = await rig.submit({ workflow: flowWith('mini') })
  const { id: plain } = await rig.submit()
  await rig.until(plain, ({ state }) => state === 'running')
  const { body } = await rig.ask<{ unservable: string[] }>('GET /queue')
  expect(body.unservable).toEqual([id])
  const gifted = await rig.worker({ models: ['mini'] })
  expect((await gifted.get()).job).toBe(id)
  other.say((await other.get()).lease, finished)
  gifted.say((await gifted.get()).lease, finished)
  await rig.until(id, ({ state }) => state === 'finished')
  expect(other.given.map(({ job }) => job)).toEqual([plain])
  gifted.close()
  other.close()
})

test('a worker that has learnt of a model gets the jobs that wait for it', async () => {
  const worker = await rig.worker()
  const { id } = await rig.submit({ workflow: flowWith('mini') })
  worker.send({ type: 'capabilities', capabilities: { ...worker.capabilities, models: ['mini'] } })
  expect((await worker.get()).job).toBe(id)
  worker.say((await worker.get()).lease, finished)
  await rig.until(id, ({ state }) => state === 'finished')
  worker.close()
})

test('a job does not begin before its time', async () => {
  const startAfterMs = Date.now() + 1500
  const { id } = await rig.submit({ startAfterMs })
  const worker = await rig.worker({ isEager: true })
  const { startedAtMs } = await rig.until(id, ({ state }) => state === 'finished')
  expect(startedAtMs).toBeGreaterThanOrEqual(startAfterMs)
  worker.close()
})

test('the queue as a whole pauses, also over a restart, and goes on', async () => {
  expect(await rig.ask('POST /queue/pause')).toMatchObject({ body: { paused: true } })
  const { id } = await rig.submit()
  await rig.restart()
  const worker = await rig.worker({ isEager: true })
  await new Promise((resolve) => setTimeout(resolve, 700)) // longer than it takes to look for jobs
  expect(await rig.job(id)).toMatchObject({ state: 'queued', attempt: 0 })
  expect((await rig.ask('GET /queue')).body).toMatchObject({ paused: true, queued: 1 })
  await rig.ask('POST /queue/resume')
  await rig.until(id, ({ state }) => state === 'finished')
  worker.close()
})

test('a full queue refuses more, and takes more once jobs have gone', async () => {
  await rig.ask('POST /queue/pause')
  const ids: string[] = []
  for (let count = 0; count < 30; count++) ids.push((await rig.submit()).id)
  const refused = await rig.ask('POST /jobs', { body: { workflow: smallFlow } })
  expect(refused).toMatchObject({ status: 503, body: { code: 'server/queue-full' } })
  await rig.ask(`POST /jobs/${ids[0]}/cancel`)
  await rig.submit()
  const again = await rig.ask('POST /jobs', { body: { workflow: smallFlow, id: ids[5] } })
  expect(again).toMatchObject({ status: 201, body: { id: ids[5] } })
})
