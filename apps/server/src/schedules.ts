// Workflows that run by the clock: pg-boss keeps the time, one of its queues for each schedule.
import { createHash } from 'node:crypto'
import type { JsonValue } from '@dreamgraph/graph'
import type { Schedule } from '@dreamgraph/protocol'
import type { Database } from './database/database.js'
import type { Boss } from './jobs/boss.js'
import { notFound, ServerProblem } from './problem.js'

interface Request {
  readonly cron: string
  readonly timeZone: string
  readonly name: string
  readonly inputs: Record<string, JsonValue>
}

export interface SchedulesOptions {
  readonly database: Database
  readonly boss: Boss
  /** Submits the workflow in the name of its owner. */
  readonly submit: (owner: string, request: Request, schedule: string) => Promise<void>
  readonly onError: (error: unknown) => void
}

export class Schedules {
  readonly #options: SchedulesOptions

  private constructor(options: SchedulesOptions) {
    this.#options = options
  }

  static async open(options: SchedulesOptions): Promise<Schedules> {
    const schedules = new Schedules(options)
    for (const { id, owner, request } of await schedules.#rows()) await schedules.#serve(owner, id, request)
    return schedules
  }

  #rows(owner?: string) {
    return this.#options.database.query<{ id: string; owner: string; request: Request }>(
      'select * from schedules where $1::text is null or owner = $1 order by id',
      [owner ?? null],
    )
  }

  /** Those of one owner, or of all. */
  async list(owner?: string): Promise<Schedule[]> {
    return (await this.#rows(owner)).map(({ id, owner: its, request }) => ({ ...request, id, owner: its }))
  }

  /** Makes or replaces a schedule. Throws request/invalid for what is no cron expression. */
  async put(owner: string, id: string, request: Request): Promise<Schedule> {
    const { database, boss } = this.#options
    const queue = queueOf(owner, id)
    await boss.library.createQueue(queue)
    await boss.library.schedule(queue, request.cron, {}, { tz: request.timeZone }).catch((cause: Error) => {
      throw new ServerProblem('request/invalid', `schedule: expected a cron expression, got ${cause.message}`, {
        cause,
      })
    })
    await database.query(
      `insert into schedules values ($1, $2, $3::jsonb) on conflict (owner, id) do update set request = excluded.request`,
      [id, owner, JSON.stringify(request)],
    )
    await this.#serve(owner, id, request)
    return { ...request, id, owner }
  }

  async remove(owner: string, id: string): Promise<void> {
    const { database, boss } = this.#options
    const gone = await database.query('delete from schedules where owner = $1 and id = $2 returning 1', [owner, id])
    if (gone.length === 0) throw notFound('schedule', id)
    const queue = queueOf(owner, id)
    await boss.library.offWork(queue)
    await boss.library.unschedule(queue)
    await boss.library.deleteQueue(queue)
  }

  async #serve(owner: string, id: string, request: Request): Promise<void> {
    const { boss, submit, onError } = this.#options
    const queue = queueOf(owner, id)
    await boss.library.offWork(queue).catch(() => {}) // of an earlier form of the same schedule
    await boss.library.work(queue, async () => {
      await submit(owner, request, id).catch(onError)
    })
  }
}

const queueOf = (owner: string, id: string): string =>
  `schedule-${createHash('sha256').update(`${owner}\n${id}`).digest('hex').slice(0, 16)}`
