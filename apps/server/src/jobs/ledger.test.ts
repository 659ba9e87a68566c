// The ledger over a real embedded database, whose connection breaks where a test wants it to.
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { JobEvent } from '@dreamgraph/protocol'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Database, Queryable } from '../database/database.js'
import { openEmbedded } from '../database/embedded.js'
import { migrate } from '../database/schema.js'
import { startMs } from '../testing/rig.js'
import { copyTemplate } from '../testing/template.js'
import { readEvents } from './job-list.js'
import { Ledger } from './ledger.js'

let folder: string
let database: Database
let told: (readonly [job: string, JobEvent])[]
let ledger: Ledger

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dreamgraph-ledger-'))
  await copyTemplate(join(folder, 'data'))
  database = await openEmbedded(join(folder, 'data'))
  await migrate(database)
}, startMs)

afterAll(async () => {
  await database.close()
  await rm(folder, { recursive: true, force: true })
})

const tell = (job: string, events: readonly JobEvent[]) =>
  void told.push(...events.map((event) => [job, event] as const))

beforeEach(() => {
  told = []
  ledger = new Ledger(database, tell)
})

/** A job on a worker. */
async function running(): Promise<{ job: string; lease: string }> {
  const [job, lease] = [randomUUID(), randomUUID()]
  await database.query(
    `insert into jobs (id, title, state, owner, priority, rank, queue, document, inputs, files, search, use_cache, retry_limit,
       max_runtime_ms, submitted_at, lease) values ($1, '', 'running', '', 0, 0, '', '', '{}', '{}', '', true, 0, 1, 0, $2)`,
    [job, lease],
  )
  return { job, lease }
}

const progress = (done: number) => ({ type: 'node-progress', node: 'a', done, total: 1000 }) as const
const log = (job: string) => readEvents(database, job, 0, 100_000)
const seqsOf = (events: readonly JobEvent[]) => events.map(({ seq }) => seq)
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1)

describe('numbers', () => {
  test('have no gaps, whatever comes together, and are told as they are stored', async () => {
    const jobs = [await running(), await running(), await running()]
    const done: Promise<unknown>[] = []
    for (let round = 0; round < 40; round++) {
      for (const live of jobs) done.push(ledger.append(live, [progress(round), progress(round)]))
      const { job } = jobs[round % 3]!
      done.push(ledger.change(async () => ({ job, events: [{ type: 'paused' }], result: undefined })))
      if (round % 7 === 0) await Promise.all(done)
    }
    await Promise.all(done)
    for (const { job } of jobs) {
      const stored = await log(job)
      expect(stored.length).toBeGreaterThanOrEqual(93)
      expect(seqsOf(stored)).toEqual(upTo(stored.length))
      expect(told.filter(([of]) => of === job).map(([, event]) => event)).toEqual(stored)
    }
  })

  test('go on after a restart', async () => {
    const live = await running()
    await ledger.append(live, [progress(1), progress(2)])
    await new Ledger(database, tell).append(live, [progress(3)])
    expect(seqsOf(await log(live.job))).toEqual([1, 2, 3])
  })

  test('are given to what comes in just as a round ends', async () => {
    const live = await running()
    for (let round = 0; round < 100; round++) {
      const first = ledger.append(live, [progress(round)])
      await first.then(() => ledger.append(live, [progress(round)]))
      await first
        .then(() => {})
        .then(() => {})
        .then(() => ledger.append(live, [progress(round)]))
    }
    await ledger.close()
    expect(seqsOf(await log(live.job))).toEqual(upTo(300))
  })
})

test('a change that throws leaves nothing, and what comes after it is stored', async () => {
  const live = await running()
  const failing = ledger.change(async (tx) => {
    await tx.query(`update jobs set title = 'changed' where id = $1`, [live.job])
    throw new Error('no')
  })
  const after = ledger.append(live, [progress(1)])
  await expect(failing).rejects.toThrow('no')
  await after
  const [row] = await database.query('select title from jobs where id = $1', [live.job])
  expect(row).toEqual({ title: '' })
  expect(seqsOf(await log(live.job))).toEqual([1])
})

test('what a try says after its lease is over is dropped, and leaves no gap', async () => {
  const live = await running()
  const next = { job: live.job, lease: randomUUID() }
  const before = ledger.append(live, [progress(1)])
  const taken = ledger.change(async (tx) => {
    await tx.query('update jobs set lease = $2 where id = $1', [live.job, next.lease])
    return { job: live.job, events: [{ type: 'started', worker: 'other', attempt: 2 }], result: undefined }
  })
  const late = ledger.append(live, [progress(2)])
  const fresh = ledger.append(next, [progress(3)])
  await Promise.all([before, taken, late, fresh])
  const stored = await log(live.job)
  expect(stored.map((event) => [event.seq, event.type === 'node-progress' ? event.done : event.type])).toEqual([
    [1, 1],
    [2, 'started'],
    [3, 3],
  ])
})

test('texts that PostgreSQL does not take do not stop the log', async () => {
  const live = await running()
  const label = 'NUL \0, half \ud800, whole \u{1f600}, spelt \\u0000'
  await ledger.append(live, [{ ...progress(1), label }])
  expect((await log(live.job))[0]).toMatchObject({ label: 'NUL \ufffd, half \ufffd, whole \u{1f600}, spelt \\u0000' })
})

describe('a connection that breaks', () => {
  class Lost extends Error {}

  /** The same database as if over a network; `breaks` says where, once each. */
  function breaking(breaks: ('before' | 'after')[]): Database {
    const broken = async <T>(work: () => Promise<T>): Promise<T> => {
      const when = breaks.shift()
      if (when === 'before') throw new Lost()
      const result = await work()
      if (when === 'after') throw new Lost()
      return result
    }
    return {
      kind: 'postgresql',
      query: (text, values) =>
        text.startsWith('insert') ? broken(() => database.query(text, values)) : database.query(text, values),
      transaction: <T>(work: (tx: Queryable) => Promise<T>) => broken(() => database.transaction(work)),
      isLost: (error) => error instanceof Lost,
      close: async () => {},
    }
  }

  test.each([['before'], ['after'], ['before', 'after'], ['after', 'before', 'after']] as const)(
    '%s a change was stored: it is done once',
    async (...breaks) => {
      const live = await running()
      const far = new Ledger(breaking([...breaks]), tell)
      const result = await far.change(async (tx) => {
        const [row] = await tx.query('update jobs set attempt = attempt + 1 where id = $1 returning attempt', [
          live.job,
        ])
        return { job: live.job, events: [{ type: 'paused' }, { type: 'paused' }], result: row }
      })
      await far.append(live, [progress(1)])
      expect(result).toEqual({ attempt: 1 })
      const stored = await log(live.job)
      expect(seqsOf(stored)).toEqual([1, 2, 3])
      expect(told.map(([, event]) => event)).toEqual(stored)
    },
  )

  test.each([['before'], ['after'], ['after', 'after']] as const)(
    '%s events were stored: each is there once',
    async (...breaks) => {
      const live = await running()
      const far = new Ledger(breaking([...breaks]), tell)
      await Promise.all([far.append(live, [progress(1), progress(2)]), far.append(live, [progress(3)])])
      const stored = await log(live.job)
      expect(seqsOf(stored)).toEqual([1, 2, 3])
      expect(told.map(([, event]) => event)).toEqual(stored)
    },
  )
})
