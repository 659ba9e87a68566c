// The writer of the jobs' logs. All events go through one line, so that numbers have no gaps; they are told only after they
// are stored; what a broken connection left open is tried again until it is known to be done, and never done twice.
import { randomUUID } from 'node:crypto'
import type { JobEvent, JobEventBody } from '@dreamgraph/protocol'
import type { Database, Queryable } from '../database/database.js'
import { jsonForDatabase } from '../database/json.js'

/** What a change does to a job: the events to tell, and whatever the caller wants to know. */
export interface Change<T> {
  /** Absent when nothing was changed. */
  readonly job?: string
  readonly events: readonly JobEventBody[]
  readonly result: T
  /** A job that is not there any more: another of the same id would begin at 1. */
  readonly removed?: string
}

type Tell = (job: string, events: readonly JobEvent[]) => void

interface Plain {
  readonly kind: 'plain'
  readonly job: string
  readonly lease: string
  readonly events: readonly JobEventBody[]
  readonly atMs: number
  readonly done: (error?: unknown) => void
}

interface Changing {
  readonly kind: 'change'
  readonly decide: (tx: Queryable) => Promise<Change<unknown>>
  readonly done: (error: unknown, result?: unknown) => void
}

/** Most events of one statement. */
const batchEvents = 2000
const retryAfterMs = 100
const forgetEveryMs = 3600_000
const appliedMs = 24 * 3600_000

export class Ledger {
  readonly #database: Database
  readonly #tell: Tell
  readonly #line: (Plain | Changing)[] = []
  /** Number of the newest event, of jobs that had one lately. */
  readonly #seqs = new Map<string, number>()
  #running: Promise<void> | undefined
  #isClosed = false
  readonly #forgetting: NodeJS.Timeout

  constructor(database: Database, tell: Tell) {
    this.#database = database
    this.#tell = tell
    this.#forgetting = setInterval(() => this.#forgetApplied(), forgetEveryMs).unref()
    this.#forgetApplied()
  }

  /** A change is asked for again within moments, or never. */
  #forgetApplied(): void {
    if (this.#database.kind !== 'postgresql') return
    void this.#database.query('delete from applied where at < $1', [Date.now() - appliedMs]).catch(() => {})
  }

  /**
   * Stores what a try has to say, and tells it. Resolves when it is stored; what comes after its lease is over, or its job
   * gone, is dropped.
   */
  append({ job, lease }: { job: string; lease: string }, events: readonly JobEventBody[]): Promise<void> {
    return new Promise((resolve, reject) => {
      const done = (error?: unknown) => (error === undefined ? resolve() : reject(error))
      this.#put({ kind: 'plain', job, lease, events, atMs: Date.now(), done })
    })
  }

  /**
   * Changes a job and tells it, in one transaction. `decide` may run more than once, each time in a fresh transaction; what
   * it throws is thrown on and leaves everything as it was.
   */
  change<T>(decide: (tx: Queryable) => Promise<Change<T>>): Promise<T> {
    return new Promise((resolve, reject) => {
      const done = (error: unknown, result?: unknown) => (error === undefined ? resolve(result as T) : reject(error))
      this.#put({ kind: 'change', decide, done })
    })
  }

  /** Waits for all that stands in line. */
  async close(): Promise<void> {
    clearInterval(this.#forgetting)
    while (this.#running) await this.#running
    this.#isClosed = true
  }

  #put(entry: Plain | Changing): void {
    if (this.#isClosed) {
      entry.done(new Error('internal: the ledger is closed'))
      return
    }
    this.#line.push(entry)
    this.#running ??= this.#work()
  }

  async #work(): Promise<void> {
    await Promise.resolve() // whatever else comes in this turn goes into the same batch
    while (this.#line.length > 0) {
      if (this.#line[0]!.kind === 'change') await this.#apply(this.#line.shift() as Changing)
      else await this.#store(this.#takePlain())
    }
    this.#running = undefined // in the same turn as the look at the line, or an entry could be put in between and be left
  }

  #takePlain(): Plain[] {
    const batch: Plain[] = []
    let count = 0
    while (this.#line[0]?.kind === 'plain' && count < batchEvents) {
      const entry = this.#line.shift() as Plain
      batch.push(entry)
      count += entry.events.length
    }
    return batch
  }

  async #store(batch: readonly Plain[]): Promise<void> {
    try {
      const numbered = await this.#surely(async () => {
        const valid = await this.#leases(batch)
        const heard = batch.filter(({ lease }) => valid.has(lease))
        await this.#loadSeqs(
          this.#database,
          heard.map(({ job }) => job),
        )
        const seqs = new Map(this.#seqs)
        const entries = heard.map(({ job, events, atMs }) => ({ job, events: number(seqs, job, events, atMs) }))
        await insert(this.#database, entries)
        return { entries, seqs }
      })
      for (const [job, seq] of numbered.seqs) this.#seqs.set(job, seq)
      for (const { job, events } of numbered.entries) this.#tell(job, events)
      for (const entry of batch) entry.done()
    } catch (error) {
      for (const entry of batch) entry.done(error)
    }
    this.#forgetOld()
  }

  async #apply({ decide, done }: Changing): Promise<void> {
    const id = randomUUID()
    const atMs = Date.now()
    let decided: { change: Change<unknown>; events: JobEvent[] } | undefined
    try {
      await this.#surely(async (isAgain) => {
        if (isAgain && decided && (await this.#isApplied(id))) return
        await this.#database.transaction(async (tx) => {
          const change = await decide(tx)
          const events = change.job === undefined ? [] : await this.#number(tx, change.job, change.events, atMs)
          await insert(tx, events.length > 0 ? [{ job: change.job!, events }] : [])
          if (this.#database.kind === 'postgresql') await tx.query('insert into applied values ($1, $2)', [id, atMs])
          decided = { change, events }
        })
      })
      const { change, events } = decided!
      if (events.length > 0) {
        this.#seqs.set(change.job!, events.at(-1)!.seq)
        this.#tell(change.job!, events)
      }
      if (change.removed !== undefined) this.#seqs.delete(change.removed)
      done(undefined, change.result)
    } catch (error) {
      done(error)
    }
  }

  async #number(tx: Queryable, job: string, bodies: readonly JobEventBody[], atMs: number): Promise<JobEvent[]> {
    await this.#loadSeqs(tx, [job])
    return number(new Map(this.#seqs), job, bodies, atMs)
  }

  /** Tries until the connection holds. */
  async #surely<T>(work: (isAgain: boolean) => Promise<T>): Promise<T> {
    for (let isAgain = false; ; isAgain = true) {
      try {
        return await work(isAgain)
      } catch (error) {
        if (!this.#database.isLost(error)) throw error
        await new Promise((resolve) => setTimeout(resolve, retryAfterMs))
      }
    }
  }

  /** Whether a transaction whose answer was lost was carried out after all. */
  async #isApplied(id: string): Promise<boolean> {
    const rows = await this.#database.query('select 1 from applied where id = $1', [id])
    return rows.length > 0
  }

  /** Those of these tries that are not over. Only this line changes leases, so they hold until the next entry. */
  async #leases(batch: readonly Plain[]): Promise<Set<string>> {
    const jobs = [...new Set(batch.map(({ job }) => job))]
    const rows = await this.#database.query<{ lease: string }>(
      'select lease from jobs where id = any($1::uuid[]) and lease is not null',
      [jobs],
    )
    return new Set(rows.map(({ lease }) => lease))
  }

  async #loadSeqs(on: Queryable, jobs: readonly string[]): Promise<void> {
    const unknown = [...new Set(jobs)].filter((job) => !this.#seqs.has(job))
    if (unknown.length === 0) return
    const rows = await on.query<{ job: string; seq: number }>(
      'select job, max(seq) as seq from job_events where job = any($1::uuid[]) group by job',
      [unknown],
    )
    for (const job of unknown) this.#seqs.set(job, 0)
    for (const { job, seq } of rows) this.#seqs.set(job, seq)
  }

  #forgetOld(): void {
    const most = 20_000
    for (const job of this.#seqs.keys()) {
      if (this.#seqs.size <= most) return
      this.#seqs.delete(job)
    }
  }
}

/** Gives the next numbers of a job to events, and moves `seqs` on. */
function number(seqs: Map<string, number>, job: string, bodies: readonly JobEventBody[], atMs: number): JobEvent[] {
  let seq = seqs.get(job) ?? 0
  const events = bodies.map((body) => ({ seq: ++seq, atMs, ...body }))
  seqs.set(job, seq)
  return events
}

/** Storing the same events again changes nothing. */
async function insert(on: Queryable, entries: readonly { job: string; events: readonly JobEvent[] }[]): Promise<void> {
  const rows = entries.flatMap(({ job, events }) => events.map((event) => ({ job, event })))
  if (rows.length === 0) return
  await on.query(
    `insert into job_events (job, seq, at, body)
     select new.job, new.seq, new.at, new.body
     from unnest($1::uuid[], $2::int[], $3::bigint[], $4::jsonb[]) as new (job, seq, at, body)
     on conflict do nothing`,
    [
      rows.map(({ job }) => job),
      rows.map(({ event }) => event.seq),
      rows.map(({ event }) => event.atMs),
      rows.map(({ event: { seq, atMs, ...body } }) => jsonForDatabase(body)),
    ],
  )
}
