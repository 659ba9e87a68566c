// What clients can do with jobs. Every change is one transaction with the events that tell of it.
import { randomUUID } from 'node:crypto'
import type { Job, JobEventBody, Move, submission } from '@dreamgraph/protocol'
import type { z } from 'zod'
import type { Database, Queryable } from '../database/database.js'
import { jsonForDatabase, textForDatabase } from '../database/json.js'
import { notFound, ServerProblem } from '../problem.js'
import type { Boss } from './boss.js'
import type { Dispatcher } from './dispatcher.js'
import type { Hub } from './hub.js'
import { hasEnded } from './job-list.js'
import type { Ledger } from './ledger.js'
import type { PreparedJob } from './prepare.js'
import type { Ranks } from './ranks.js'
import { enqueuedOf, findJob, type JobRow, jobColumns, jobOf, type TaskRow } from './rows.js'

/** Who asks. */
export interface Asker {
  readonly name: string
  /** Sees and changes everybody's jobs. */
  readonly isAdmin: boolean
}

type FullSubmission = z.output<typeof submission>

export interface JobsOptions {
  readonly database: Database
  readonly ledger: Ledger
  readonly boss: Boss
  readonly hub: Hub
  readonly ranks: Ranks
  readonly dispatcher: Dispatcher
  readonly maxQueued: number
  readonly maxRuntimeMs: number
  /** Told which artifacts a removed job was the last to refer to. */
  readonly onUnused: (digests: readonly string[]) => Promise<void>
}

export class Jobs {
  readonly #options: JobsOptions
  #queued = 0

  private constructor(options: JobsOptions) {
    this.#options = options
  }

  static async open(options: JobsOptions): Promise<Jobs> {
    const jobs = new Jobs(options)
    await jobs.#count()
    return jobs
  }

  async #count(): Promise<void> {
    const [row] = await this.#options.database.query<{ count: number }>(
      `select count(*)::int as count from jobs where state in ('queued', 'paused')`,
    )
    this.#queued = row!.count
  }

  /** The job of that id, whoever asks again for the same one gets it as it is now. */
  async submit(asker: Asker, given: FullSubmission, prepared: PreparedJob): Promise<Job> {
    const { ledger, boss, ranks, database, dispatcher, maxQueued, maxRuntimeMs } = this.#options
    const id = given.id ?? randomUUID()
    if (given.id) {
      const known = await findJob(database, given.id)
      if (known) return this.#own(known, asker)
    }
    if (this.#queued >= maxQueued) {
      await this.#count()
      const rule = `at most ${maxQueued} waiting jobs`
      if (this.#queued >= maxQueued)
        throw new ServerProblem('server/queue-full', `queue: expected ${rule}, got one more`)
    }
    const queue = await boss.queueFor(prepared.needs)
    const rank = ranks.next(asker.name, given.priority)
    const title = textForDatabase(given.title ?? given.name ?? (prepared.name || 'untitled'))
    const search = textForDatabase(`${title} ${prepared.search}`)
    const row = await ledger.change(async (tx) => {
      const [inserted] = await tx.query<JobRow>(
        `insert into jobs (id, title, state, owner, priority, rank, queue, workflow_name, document, inputs, targets, files,
           search, use_cache, retry_limit, max_runtime_ms, submitted_at, start_after, nodes_total)
         values ($1, $2, 'queued', $3, $4, $5, $6, $7, $8, $9::jsonb, $10::jsonb, $11::jsonb, $12, $13, $14, $15, $16, $17, $18)
         on conflict do nothing returning ${jobColumns}`,
        [
          ...[id, title, asker.name, given.priority, rank, queue, given.name ?? null, prepared.document],
          ...[JSON.stringify(given.inputs), given.targets ? JSON.stringify(given.targets) : null],
          ...[jsonForDatabase(prepared.files), search, given.cache, given.retryLimit],
          ...[Math.min(given.maxRuntimeMs ?? maxRuntimeMs, maxRuntimeMs), Date.now(), given.startAfterMs ?? null],
          prepared.nodes,
        ],
      )
      if (!inserted) return { events: [], result: undefined }
      const { priority, retryLimit, startAfterMs } = given
      await boss.put(tx, { id, queue, priority, rank, retryLimit, startAfterMs })
      for (const digest of new Set(Object.values(prepared.files))) {
        await tx.query('insert into job_artifacts values ($1, $2) on conflict do nothing', [id, digest])
      }
      return { job: id, events: [{ type: 'queued', reason: 'submitted' }], result: inserted }
    })
    if (!row) return this.get(asker, id)
    this.#queued++
    const job = { ...jobOf(row), lastSeq: 1 }
    this.#options.hub.tellJob(job)
    dispatcher.wake()
    return job
  }

  /** Throws request/not-found, also for a job of somebody else. */
  async row(asker: Asker, id: string, on: Queryable = this.#options.database): Promise<JobRow> {
    const row = await findJob(on, id)
    if (!row || (!asker.isAdmin && row.owner !== asker.name)) throw notFound('job', id)
    return row
  }

  async get(asker: Asker, id: string): Promise<Job> {
    return this.#options.dispatcher.show(jobOf(await this.row(asker, id)))
  }

  /** What the job was submitted to do. */
  async task(asker: Asker, id: string): Promise<Pick<TaskRow, 'document' | 'inputs'>> {
    const { database } = this.#options
    await this.row(asker, id)
    const [task] = await database.query<TaskRow>('select document, inputs from jobs where id = $1', [id])
    if (!task) throw notFound('job', id) // removed in between
    return task
  }

  #own(row: JobRow, asker: Asker): Job {
    if (!asker.isAdmin && row.owner !== asker.name) throw notFound('job', row.id)
    return this.#options.dispatcher.show(jobOf(row))
  }

  cancel(asker: Asker, id: string): Promise<Job> {
    return this.#change(asker, id, async (tx, row) => {
      if (hasEnded(row)) return []
      await this.#options.boss.forget(tx, row.queue, id)
      await tx.query(`update jobs set state = 'cancelled', lease = null, ended_at = $2 where id = $1`, [id, Date.now()])
      return [{ type: 'cancelled' }]
    })
  }

  pause(asker: Asker, id: string): Promise<Job> {
    return this.#change(asker, id, async (tx, row) => {
      if (row.state === 'paused') return []
      this.#expect(row, ['queued', 'running'], 'paused')
      await this.#options.boss.forget(tx, row.queue, id)
      await tx.query(`update jobs set state = 'paused', lease = null where id = $1`, [id])
      return [{ type: 'paused' }]
    })
  }

  resume(asker: Asker, id: string): Promise<Job> {
    return this.#change(asker, id, async (tx, row) => {
      if (row.state === 'queued' || row.state === 'running') return []
      this.#expect(row, ['paused'], 'resumed')
      await this.#options.boss.put(tx, enqueuedOf(row))
      await tx.query(`update jobs set state = 'queued' where id = $1`, [id])
      return [{ type: 'queued', reason: 'resumed' }]
    })
  }

  retry(asker: Asker, id: string): Promise<Job> {
    return this.#change(asker, id, async (tx, row) => {
      this.#expect(row, ['failed', 'cancelled'], 'retried')
      const rank = this.#options.ranks.next(row.owner, row.priority)
      await tx.query(
        `update jobs set state = 'queued', lease = null, ended_at = null, error = null, dead = false, failures = 0, losses = 0,
         rank = $2 where id = $1`,
        [id, rank],
      )
      await this.#options.boss.put(tx, enqueuedOf({ ...row, rank, failures: 0, start_after: null }))
      return [{ type: 'queued', reason: 'retried' }]
    })
  }

  /** Another place among the owner's waiting jobs of the same priority, whose ranks are dealt out anew; or another priority. */
  move(asker: Asker, id: string, move: Move): Promise<Job> {
    return this.#change(asker, id, async (tx, row) => {
      this.#expect(row, ['queued', 'paused'], 'moved')
      if (move.priority !== undefined) {
        const rank = this.#options.ranks.next(row.owner, move.priority)
        await this.#place(tx, row, move.priority, rank)
        return []
      }
      const waiting = await tx.query<JobRow>(
        `select id, queue, priority, rank, number from jobs
         where owner = $1 and priority = $2 and state in ('queued', 'paused') order by rank, number`,
        [row.owner, row.priority],
      )
      const others = waiting.filter((other) => other.id !== id)
      const at = placeOf(others, move)
      const ordered = [...others.slice(0, at), row, ...others.slice(at)]
      const ranks = waiting.map(({ rank }) => rank)
      for (const [index, job] of ordered.entries()) {
        if (job.rank !== ranks[index]) await this.#place(tx, job, row.priority, ranks[index]!)
      }
      return []
    })
  }

  async #place(tx: Queryable, { id, queue }: JobRow, priority: number, rank: number): Promise<void> {
    await tx.query('update jobs set priority = $2, rank = $3 where id = $1', [id, priority, rank])
    await this.#options.boss.place(tx, queue, id, priority, rank)
  }

  /** Forgets a job that has ended. */
  async remove(asker: Asker, id: string): Promise<void> {
    const { ledger, hub, onUnused } = this.#options
    const row = await this.row(asker, id)
    const digests = await ledger.change(async (tx) => {
      this.#expect(await this.row(asker, id, tx), ['finished', 'failed', 'cancelled'], 'removed')
      const refs = await tx.query<{ digest: string }>('select digest from job_artifacts where job = $1', [id])
      await tx.query('delete from jobs where id = $1', [id])
      return { events: [], result: refs.map(({ digest }) => digest), removed: id }
    })
    hub.tellRemoved(id, row.owner)
    await onUnused(digests)
  }

  async #change(
    asker: Asker,
    id: string,
    decide: (tx: Queryable, row: JobRow) => Promise<JobEventBody[]>,
  ): Promise<Job> {
    const { ledger, hub, dispatcher } = this.#options
    const wasRunning = await ledger.change(async (tx) => {
      const row = await this.row(asker, id, tx)
      const events = await decide(tx, row)
      return { job: id, events, result: row.state === 'running' && events.length > 0 }
    })
    if (wasRunning) dispatcher.stopTry(id)
    await this.#count()
    const job = await this.get(asker, id)
    hub.tellJob(job)
    dispatcher.wake()
    return job
  }

  #expect({ state }: JobRow, states: readonly string[], what: string): void {
    if (states.includes(state)) return
    const rule = `one that is ${states.join(' or ')}`
    throw new ServerProblem('job/state', `job: expected ${rule} to be ${what}, got one that is ${state}`)
  }
}

function placeOf(others: readonly JobRow[], { to, before, after }: Move): number {
  if (to) return to === 'first' ? 0 : others.length
  const index = others.findIndex(({ id }) => id === (before ?? after))
  if (index < 0) {
    const rule = 'another waiting job of the same submitter and priority'
    throw new ServerProblem('request/invalid', `move: expected ${rule}, got ${before ?? after}`)
  }
  return before ? index : index + 1
}
