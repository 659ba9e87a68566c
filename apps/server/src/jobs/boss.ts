// pg-boss as the queue: one queue per set of needs, so that a worker asks only for what it can run.
import { createHash } from 'node:crypto'
import PgBoss from 'pg-boss'
import { type Database, forBoss, type Queryable } from '../database/database.js'

/** What a worker must have for a job: registered models, and areas of third-party nodes. */
export interface Needs {
  readonly models: readonly string[]
  readonly packs: readonly string[]
}

export interface Enqueued {
  readonly id: string
  readonly queue: string
  readonly priority: number
  readonly rank: number
  readonly retryLimit: number
  readonly startAfterMs?: number
}

/** Jobs that have failed for good are copied here by pg-boss, with their ids. */
const deadQueue = 'dead'
/** pg-boss's limit is below 24 hours; running jobs are touched far more often than that. */
const expireInSeconds = 23 * 3600
/** Seconds before a second try; doubled with each further one. */
const retryDelaySeconds = 2
const retentionDays = 365

export class Boss {
  readonly #boss: PgBoss
  readonly #database: Database
  readonly #queues = new Map<string, Needs>()

  private constructor(boss: PgBoss, database: Database) {
    this.#boss = boss
    this.#database = database
  }

  static async open(
    database: Database,
    onLog: (line: string) => void,
    clock: Pick<PgBoss.SchedulingOptions, 'cronMonitorIntervalSeconds'> = {},
  ): Promise<Boss> {
    const boss = new PgBoss({ ...clock, db: forBoss(database) })
    boss.on('error', (error) => onLog(`queue: ${error.message}`))
    await boss.start()
    await boss.createQueue(deadQueue)
    const opened = new Boss(boss, database)
    for (const { name, needs } of await database.query<{ name: string; needs: Needs }>(
      'select name, needs from queues',
    )) {
      opened.#queues.set(name, needs)
    }
    return opened
  }

  /** The library itself, for schedules. */
  get library(): PgBoss {
    return this.#boss
  }

  /** Name of the queue for these needs, which is made when it is the first of its kind. */
  async queueFor(given: Needs): Promise<string> {
    const needs = { models: [...new Set(given.models)].sort(), packs: [...new Set(given.packs)].sort() }
    const name = `runs-${createHash('sha256').update(JSON.stringify(needs)).digest('hex').slice(0, 16)}`
    if (this.#queues.has(name)) return name
    await this.#boss.createQueue(name, { name, policy: 'standard', deadLetter: deadQueue })
    const values = [name, JSON.stringify(needs)]
    await this.#database.query('insert into queues values ($1, $2::jsonb) on conflict do nothing', values)
    this.#queues.set(name, needs)
    return name
  }

  /** Queues of which a worker with these models and packs can run every job. */
  queuesWithin(offered: Needs): string[] {
    const models = new Set(offered.models)
    const packs = new Set(offered.packs)
    return [...this.#queues].flatMap(([name, needs]) =>
      needs.models.every((model) => models.has(model)) && needs.packs.every((pack) => packs.has(pack)) ? [name] : [],
    )
  }

  async put(tx: Queryable, { id, queue, priority, rank, retryLimit, startAfterMs }: Enqueued): Promise<void> {
    await this.#boss.deleteJob(queue, id, { db: forBoss(tx) }) // of an earlier life of the same job
    await this.#boss.send(
      queue,
      {},
      {
        id,
        priority: bossPriority(priority, rank),
        retryLimit,
        retryDelay: retryDelaySeconds,
        retryBackoff: true,
        expireInSeconds,
        retentionDays,
        ...(startAfterMs !== undefined && { startAfter: new Date(startAfterMs) }),
        db: forBoss(tx),
      },
    )
  }

  /** Id of the next job among these queues, now taken; undefined when there is none. */
  async take(tx: Queryable, queues: readonly string[]): Promise<string | undefined> {
    const heads = await tx.query<{ name: string }>(
      `select name from pgboss.job where name = any($1) and state < 'active' and start_after <= now()
       order by priority desc, created_on, id limit 1`,
      [queues],
    )
    if (heads.length === 0) return undefined
    const [taken] = await this.#boss.fetch(heads[0]!.name, { db: forBoss(tx) })
    return taken?.id
  }

  async complete(tx: Queryable, queue: string, id: string): Promise<void> {
    // Its own types allow to leave out the data; its code then takes the options for them.
    await this.#boss.complete(queue, id, {}, { db: forBoss(tx) })
  }

  /** One try failed. True when there will be another; else the job is with the dead ones. */
  async fail(tx: Queryable, queue: string, id: string, reason: object): Promise<boolean> {
    await this.#boss.fail(queue, id, reason, { db: forBoss(tx) })
    const [row] = await tx.query<{ state: string }>('select state from pgboss.job where name = $1 and id = $2', [
      queue,
      id,
    ])
    return row?.state === 'retry'
  }

  /** Back to its place, as if it had not been taken: a lost worker is not the job's failure. */
  async putBack(tx: Queryable, job: Enqueued): Promise<void> {
    const back = await tx.query(
      `update pgboss.job set state = 'created', started_on = null where name = $1 and id = $2 and state = 'active'
       returning 1`,
      [job.queue, job.id],
    )
    if (back.length === 0) await this.put(tx, job) // pg-boss gave it up while this server was away for a day
  }

  /** Out of the queue. What only waits there without being wanted, pg-boss would clear away in time. */
  async forget(tx: Queryable, queue: string, id: string): Promise<void> {
    await this.#boss.deleteJob(queue, id, { db: forBoss(tx) })
  }

  async place(tx: Queryable, queue: string, id: string, priority: number, rank: number): Promise<void> {
    const values = [queue, id, bossPriority(priority, rank)]
    await tx.query('update pgboss.job set priority = $3 where name = $1 and id = $2', values)
  }

  /** Keeps long runs from being taken for hung ones. */
  async touchRunning(): Promise<void> {
    await this.#database.query(`update pgboss.job set started_on = now() where state = 'active' and name like 'runs-%'`)
  }

  async stop(): Promise<void> {
    await this.#boss.stop({ graceful: true, timeout: 5000, close: false })
  }
}

/** Ranks fit below one step of priority; a submitter with more waiting jobs than that only loses order among its last. */
const ranksPerPriority = 10_000_000

const bossPriority = (priority: number, rank: number): number => priority * ranksPerPriority - (rank % ranksPerPriority)
