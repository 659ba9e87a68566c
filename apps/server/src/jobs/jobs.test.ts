// What becomes of a job: tries, failures, commands, each as the log tells it. Workers only speak; all else is real.
import { randomUUID } from 'node:crypto'
import type { Job, JobEvent, RunEvent } from '@dreamgraph/protocol'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type FakeWorker, failed, finished } from '../testing/fake-worker.js'
import { openRig, type Rig, smallFlow, startMs } from '../testing/rig.js'

let rig: Rig
const workers: FakeWorker[] = []

beforeAll(async () => {
  rig = await openRig({ graceMs: 400 })
}, startMs)
afterAll(() => rig.close())
afterEach(async () => {
  for (const worker of workers.splice(0)) {
    worker.send({ type: 'stopping' })
    worker.close()
  }
  const { body } = await rig.ask<{ items: Job[] }>('GET /jobs?state=queued,paused,running')
  for (const { id } of body.items) await rig.ask(`POST /jobs/${id}/cancel`)
})

async function workerOf(options = {}): Promise<FakeWorker> {
  const worker = await rig.worker(options)
  workers.push(worker)
  return worker
}

/** A job that a worker has begun. */
async function begun(given: Record<string, unknown> = {}) {
  const worker = await workerOf()
  const { id } = await rig.submit(given)
  const { lease } = await worker.get()
  return { id, lease, worker }
}

const words = (events: readonly JobEvent[]) =>
  events.map((event) => (event.type === 'queued' ? event.reason : event.type))

const node = (id: string, effect?: true): RunEvent => {
  const report = { id, type: 'test/node', status: 'ran' as const, why: [], ...(effect && { effect }) }
  return { type: 'node-finished', node: id, report }
}

describe('a submission', () => {
  test('is the same job when it is sent again under its id', async () => {
    const id = randomUUID()
    const first = await rig.submit({ id, title: 'one' })
    const [again, other] = await Promise.all([rig.submit({ id, title: 'two' }), rig.submit({ id })])
    expect([again.title, other.submittedAtMs]).toEqual(['one', first.submittedAtMs])
    expect(words(await rig.events(id))).toEqual(['submitted'])
    const stranger = await rig.token('stranger', 'submit')
    const theirs = await rig.ask('POST /jobs', { body: { workflow: smallFlow, id }, token: stranger })
    expect(theirs.status).toBe(404)
    await rig.ask(`POST /jobs/${id}/cancel`)
  })

  test('under an id in capitals is known by the same in small letters, and cancelled by either', async () => {
    const id = randomUUID()
    const worker = await workerOf()
    expect((await rig.submit({ id: id.toUpperCase() })).id).toBe(id)
    const { lease } = await worker.get()
    await rig.ask(`POST /jobs/${id.toUpperCase()}/cancel`)
    await worker.ordered('cancel', lease)
    expect(words(await rig.events(id))).toEqual(['submitted', 'started', 'cancelled'])
  })

  test('under the id of a removed job begins its log anew', async () => {
    const id = randomUUID()
    for (const _ of [1, 2]) {
      await rig.submit({ id })
      await rig.ask(`POST /jobs/${id}/cancel`)
      expect((await rig.events(id)).map(({ seq }) => seq)).toEqual([1, 2])
      await rig.ask(`DELETE /jobs/${id}`)
    }
  })

  test('may have a name that no database takes', async () => {
    const workflow = JSON.stringify({ ...smallFlow, name: 'a\0b\ud800' })
    expect((await rig.submit({ workflow })).title).toBe('a\ufffdb\ufffd')
  })

  test('sent many times at once is one job', async () => {
    const id = randomUUID()
    const jobs = await Promise.all(Array.from({ length: 8 }, () => rig.submit({ id })))
    expect(new Set(jobs.map((job) => job.id))).toEqual(new Set([id]))
    expect(words(await rig.events(id))).toEqual(['submitted'])
    await rig.ask(`POST /jobs/${id}/cancel`)
  })

  test('with a text that cannot be stored is refused', async () => {
    for (const title of ['NUL \0', 'half \ud800']) {
      const refused = await rig.ask('POST /jobs', { body: { workflow: smallFlow, title } })
      expect(refused).toMatchObject({ status: 400, body: { code: 'request/invalid' } })
    }
  })
})

describe('a try', () => {
  test('that finishes ends the job; what it said is in the log, numbered without gaps', async () => {
    const { id, lease, worker } = await begun()
    worker.say(lease, { type: 'run-started', nodes: 2 }, node('a'))
    worker.say(lease, node('b'), { type: 'output', output: { name: 'text', value: 'hello' } }, finished)
    const job = await rig.until(id, ({ state }) => state === 'finished')
    expect(job).toMatchObject({ attempt: 1, nodes: { total: 2, done: 2 }, outputs: [{ name: 'text', value: 'hello' }] })
    const events = await rig.events(id)
    expect(events.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6, 7])
    expect(words(events).slice(-3)).toEqual(['node-finished', 'output', 'finished'])
  })

  test('that says something twice, or out of order, is heard once and in order', async () => {
    const { id, lease, worker } = await begun()
    const frame = (from: number, ...events: object[]) => worker.send({ type: 'events', lease, from, events })
    frame(1, node('a'), node('b'))
    frame(1, node('a'), node('b'), node('c'))
    frame(7, node('x'))
    frame(4, finished)
    await rig.until(id, ({ state }) => state === 'finished')
    const nodes = (await rig.events(id)).flatMap((event) => (event.type === 'node-finished' ? [event.node] : []))
    expect(nodes).toEqual(['a', 'b', 'c'])
  })

  test('that fails by the submitter\u2019s fault ends the job', async () => {
    const { id, lease, worker } = await begun()
    worker.say(lease, failed(true))
    const job = await rig.until(id, ({ state }) => state === 'failed')
    expect(job).toMatchObject({ dead: false, error: { code: 'test/failed' }, attempt: 1 })
    expect(words(await rig.events(id))).toEqual(['submitted', 'started', 'failed'])
  })

  test('that fails otherwise is tried again, as often as was asked for; then the job is dead, and may be retried', async () => {
    const { id, lease, worker } = await begun({ retryLimit: 1 })
    worker.say(lease, failed(false))
    worker.say((await worker.get(1)).lease, failed(false))
    const job = await rig.until(id, ({ state }) => state === 'failed')
    expect(job).toMatchObject({ dead: true, attempt: 2 })
    expect(words(await rig.events(id))).toEqual(['submitted', 'started', 'failed-try', 'started', 'failed'])
    await rig.ask(`POST /jobs/${id}/retry`)
    worker.say((await worker.get(2)).lease, finished)
    expect(await rig.until(id, ({ state }) => state === 'finished')).toMatchObject({ dead: false, attempt: 3 })
  })

  test('that takes too long ends the job, and its worker is told', async () => {
    const { id, lease, worker } = await begun({ maxRuntimeMs: 1000 })
    const job = await rig.until(id, ({ state }) => state === 'failed')
    expect(job).toMatchObject({ error: { code: 'job/overtime', userFault: true } })
    await worker.ordered('cancel', lease)
    worker.say(lease, node('late'), { type: 'cancelled' })
    const { id: next } = await rig.submit()
    expect((await worker.get(1)).job).toBe(next)
    expect(words(await rig.events(id))).toEqual(['submitted', 'started', 'failed'])
  })

  test('tells the next one which effects it has had', async () => {
    const { id, lease, worker } = await begun()
    worker.say(lease, node('a'), node('save', true), { type: 'released' })
    const next = await worker.get(1)
    expect(next).toMatchObject({ job: id, attempt: 2, doneEffects: ['save'] })
    worker.say(next.lease, finished)
    await rig.until(id, ({ state }) => state === 'finished')
  })

  test('of which something cannot be stored does not end as if it had been: there is another', async () => {
    const { id, lease, worker } = await begun()
    const file = { file: 'huge.png', digest: '5'.repeat(64), mediaType: 'image/png', width: 3e9 }
    worker.say(lease, node('a'), { type: 'output', output: file }, node('save', true), finished)
    await worker.ordered('lost', lease)
    const next = await worker.get(1)
    expect(next).toMatchObject({ job: id, attempt: 2, doneEffects: [] })
    worker.say(next.lease, finished)
    await rig.until(id, ({ state }) => state === 'finished')
    expect(words(await rig.events(id)).filter((word) => word === 'finished')).toHaveLength(1)
  })

  test('keeps files of the same name apart by the nodes that wrote them', async () => {
    const { id, lease, worker } = await begun()
    const output = (of: string, digit: string) => {
      const file = { node: of, file: 'picture-0001.png', digest: digit.repeat(64), mediaType: 'image/png' }
      return { type: 'output', output: file } as const
    }
    worker.say(lease, output('first', '1'), node('first', true), { type: 'released' })
    const next = await worker.get(1)
    worker.say(next.lease, output('second', '2'), output('second', '3'), finished)
    const { outputs } = await rig.until(id, ({ state }) => state === 'finished')
    expect(outputs.map(({ node: of, digest }) => `${of} ${digest![0]}`)).toEqual(['first 1', 'second 3'])
  })
})

describe('a worker', () => {
  test('that is gone for too long loses its job to another; what it says then is not heard', async () => {
    const { id, lease, worker } = await begun()
    worker.say(lease, node('a'))
    await worker.ordered('ack', lease)
    worker.close()
    const other = await workerOf()
    const { lease: next } = await other.get()
    await worker.connect([lease])
    await worker.ordered('lost', lease)
    worker.say(lease, node('b'), finished)
    other.say(next, node('c'), finished)
    await rig.until(id, ({ state }) => state === 'finished')
    const events = await rig.events(id)
    expect(words(events)).toEqual([
      ...['submitted', 'started', 'node-finished', 'worker-lost', 'started', 'node-finished', 'finished'],
    ])
    expect(events.flatMap((event) => (event.type === 'node-finished' ? [event.node] : []))).toEqual(['a', 'c'])
  })

  test('that ends with a job each time is lost to it: after some tries in a row in which nothing was finished', async () => {
    await rig.restart({ limits: { lostTries: 2 } })
    const { id } = await rig.submit()
    for (const finishes of [false, false, true, false, false]) {
      const worker = await workerOf()
      const { lease } = await worker.get()
      if (finishes) {
        worker.say(lease, node('a'))
        await worker.ordered('ack', lease)
      }
      worker.close()
      await rig.until(id, ({ state }) => state !== 'running')
    }
    expect(await rig.job(id)).toMatchObject({ state: 'failed', dead: true, error: { code: 'job/worker-lost' } })
    const losses = words(await rig.events(id)).filter((word) => word === 'worker-lost')
    expect(losses).toHaveLength(4)
    await rig.restart({ limits: {} })
  })

  test('that comes back in time goes on, also after a restart of the server', async () => {
    const { id, lease, worker } = await begun()
    worker.say(lease, { type: 'run-started', nodes: 3 }, node('a'))
    await worker.ordered('ack', lease)
    await rig.restart({ graceMs: 20_000 })
    await worker.connect([lease])
    worker.say(lease, node('b'), finished)
    expect(await rig.until(id, ({ state }) => state === 'finished')).toMatchObject({ nodes: { total: 3, done: 2 } })
    expect(words(await rig.events(id))).toEqual([
      ...['submitted', 'started', 'run-started', 'node-finished', 'node-finished', 'finished'],
    ])
    await rig.restart({ graceMs: 400 })
  })
})

describe('a worker that makes trouble', () => {
  test.each([
    ['no frame of ours', { type: 'events', lease: 'x', from: 1, events: [{ type: 'unheard of' }] }],
    ['more than a server takes', { type: 'events', lease: 'x', from: 1, events: 'x'.repeat(17 * 2 ** 20) }],
  ])('by saying %s loses its job to another, at once', async (_, frame) => {
    await rig.restart({ graceMs: 60_000 })
    const { id, lease, worker } = await begun()
    worker.send({ ...frame, lease })
    const other = await workerOf()
    other.say((await other.get()).lease, finished)
    await rig.until(id, ({ state }) => state === 'finished')
    expect(words(await rig.events(id))).toEqual(['submitted', 'started', 'worker-lost', 'started', 'finished'])
    worker.close()
    await rig.restart({ graceMs: 400 })
  })

  test('by coming back with a job that was ended meanwhile is told so, and takes others', async () => {
    await rig.restart({ graceMs: 60_000 })
    const { id, lease, worker } = await begun()
    await rig.ask(`POST /jobs/${id}/cancel`)
    await worker.ordered('cancel', lease) // and cannot let go of it
    worker.close()
    await worker.connect([lease])
    await worker.ordered('lost', lease)
    const { id: next } = await rig.submit()
    expect((await worker.get(1)).job).toBe(next)
    await rig.restart({ graceMs: 400 })
  })
})

describe('cancel', () => {
  test('of a queued job ends it before it begins', async () => {
    const { id } = await rig.submit()
    expect(await rig.ask(`POST /jobs/${id}/cancel`)).toMatchObject({ body: { state: 'cancelled' } })
    const worker = await workerOf()
    const { id: next } = await rig.submit()
    const { job, lease } = await worker.get()
    expect(job).toBe(next)
    worker.say(lease, finished)
    expect(words(await rig.events(id))).toEqual(['submitted', 'cancelled'])
    expect(await rig.ask(`POST /jobs/${id}/cancel`)).toMatchObject({ status: 200, body: { state: 'cancelled' } })
  })

  test('of a running job tells its worker; nothing comes after the end', async () => {
    const { id, lease, worker } = await begun()
    const cancelled = rig.ask(`POST /jobs/${id}/cancel`)
    for (let count = 0; count < 50; count++) worker.say(lease, node(`n${count}`))
    await cancelled
    await worker.ordered('cancel', lease)
    worker.say(lease, node('late'), { type: 'cancelled' })
    await rig.submit()
    await worker.get(1)
    expect(words(await rig.events(id)).at(-1)).toBe('cancelled')
    expect(words(await rig.events(id)).filter((word) => word === 'cancelled')).toHaveLength(1)
  })
})

describe('pause', () => {
  test('of a running job gives it back; resumed it is taken again, with its retries', async () => {
    const { id, lease, worker } = await begun({ retryLimit: 1 })
    expect(await rig.ask(`POST /jobs/${id}/pause`)).toMatchObject({ body: { state: 'paused' } })
    await worker.ordered('cancel', lease)
    worker.say(lease, { type: 'cancelled' })
    await rig.ask(`POST /jobs/${id}/resume`)
    worker.say((await worker.get(1)).lease, failed(false)) // its one retry is still to be had
    worker.say((await worker.get(2)).lease, finished)
    await rig.until(id, ({ state }) => state === 'finished')
    expect(words(await rig.events(id))).toEqual([
      ...['submitted', 'started', 'paused', 'resumed', 'started', 'failed-try', 'started', 'finished'],
    ])
  })

  test('of a job that has ended is refused', async () => {
    const { id, lease, worker } = await begun()
    worker.say(lease, finished)
    await rig.until(id, ({ state }) => state === 'finished')
    for (const command of ['pause', 'resume', 'retry']) {
      const refused = await rig.ask(`POST /jobs/${id}/${command}`)
      expect(refused, command).toMatchObject({ status: 409, body: { code: 'job/state' } })
    }
  })
})

test('a removed job is gone with its log', async () => {
  const { id } = await rig.submit()
  expect((await rig.ask(`DELETE /jobs/${id}`)).status).toBe(409)
  await rig.ask(`POST /jobs/${id}/cancel`)
  expect((await rig.ask(`DELETE /jobs/${id}`)).status).toBe(204)
  expect((await rig.ask(`GET /jobs/${id}/events`)).status).toBe(404)
})
