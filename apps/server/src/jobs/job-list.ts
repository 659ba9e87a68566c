// Pages of jobs, and pages of a job's log.
import { finalStates, type Job, type JobEvent, type JobEventBody, type JobPage, jobStates } from '@dreamgraph/protocol'
import type { Queryable } from '../database/database.js'
import { ServerProblem } from '../problem.js'
import { readCursor, writeCursor } from './cursor.js'
import { type JobRow, jobOf, listColumns } from './rows.js'

export interface ListQuery {
  /** Whose; undefined: everybody's. */
  readonly owner: string | undefined
  readonly state?: string
  readonly search?: string
  readonly order: 'newest' | 'queue'
  readonly cursor?: string
  readonly limit: number
}

/** A page of jobs: newest first, or those that wait in the order in which they will run. */
export async function listJobs(on: Queryable, query: ListQuery): Promise<JobPage> {
  const values: unknown[] = []
  const value = (given: unknown) => `$${values.push(given)}`
  const where = ['true']
  if (query.owner !== undefined) where.push(`owner = ${value(query.owner)}`)
  if (query.state) where.push(`state = any(${value(readStates(query.state))})`)
  for (const word of (query.search ?? '').split(/\s+/).filter(Boolean)) {
    where.push(`search ilike ${value(`%${word.replace(/[\\%_]/g, '\\$&')}%`)}`)
  }
  const isQueue = query.order === 'queue'
  if (isQueue) where.push(`state in ('queued', 'paused')`)
  if (query.cursor) {
    const key = readCursor(query.cursor, isQueue ? 3 : 1).map((part) => `${value(part)}::bigint`)
    where.push(isQueue ? `(-priority, rank, number) > (${key.join(', ')})` : `number < ${key[0]}`)
  }
  const order = isQueue ? 'priority desc, rank, number' : 'number desc'
  const rows = await on.query<JobRow>(
    `select ${listColumns} from jobs where ${where.join(' and ')} order by ${order} limit ${value(query.limit + 1)}`,
    values,
  )
  const items = rows.slice(0, query.limit)
  const last = items.at(-1)
  const next = rows.length > items.length && last
  return {
    items: items.map(jobOf),
    ...(next && { next: writeCursor(isQueue ? [-next.priority, next.rank, next.number] : [next.number]) }),
  }
}

function readStates(text: string): string[] {
  const states = text.split(',')
  const odd = states.find((state) => !jobStates.includes(state as (typeof jobStates)[number]))
  if (odd === undefined) return states
  throw new ServerProblem('request/invalid', `state: expected one of ${jobStates.join(', ')}, got ${odd}`)
}

/** Events after `since`, at most `limit`. */
export async function readEvents(on: Queryable, job: string, since: number, limit: number): Promise<JobEvent[]> {
  const rows = await on.query<{ seq: number; at: number; body: JobEventBody }>(
    'select seq, at, body from job_events where job = $1 and seq > $2 order by seq limit $3',
    [job, since, limit],
  )
  return rows.map(({ seq, at, body }) => ({ seq, atMs: at, ...body }))
}

export const hasEnded = ({ state }: Pick<Job, 'state'>): boolean => finalStates.includes(state)
