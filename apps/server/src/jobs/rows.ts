// A job's row in the table, and the job as clients see it.
import type { JsonValue } from '@dreamgraph/graph'
import type { Failure, Job, JobState, Output } from '@dreamgraph/protocol'
import type { Queryable } from '../database/database.js'
import type { Enqueued } from './boss.js'

/** All but what is to be done, which may be megabytes and which only a worker needs. */
export interface JobRow {
  readonly id: string
  readonly number: number
  readonly title: string
  readonly state: JobState
  readonly owner: string
  readonly priority: number
  readonly rank: number
  readonly queue: string
  readonly workflow_name: string | null
  readonly retry_limit: number
  readonly max_runtime_ms: number
  readonly submitted_at: number
  readonly started_at: number | null
  readonly ended_at: number | null
  readonly start_after: number | null
  readonly attempt: number
  readonly failures: number
  readonly losses: number
  readonly dead: boolean
  readonly lease: string | null
  readonly worker: string | null
  readonly nodes_total: number | null
  readonly nodes_done: number | null
  readonly done_effects: string[]
  readonly outputs: Output[]
  readonly error: Failure | null
  readonly last_seq?: number
}

/** What is to be done. */
export interface TaskRow {
  readonly document: string
  readonly inputs: Record<string, JsonValue>
  readonly targets: string[] | null
  /** Path as the document has it → digest. */
  readonly files: Record<string, string>
  readonly use_cache: boolean
}

/** What clients see of a job. */
export const listColumns = `id, number, title, state, owner, priority, rank, queue, workflow_name, retry_limit, submitted_at,
  started_at, ended_at, start_after, attempt, dead, worker, nodes_total, nodes_done, outputs, error,
  (select max(seq) from job_events where job = jobs.id) as last_seq`

/** What the queue has to know to put the job where it belongs. */
export const enqueuedOf = (row: JobRow): Enqueued => ({
  id: row.id,
  queue: row.queue,
  priority: row.priority,
  rank: row.rank,
  retryLimit: Math.max(0, row.retry_limit - row.failures),
  ...(row.start_after !== null && { startAfterMs: row.start_after }),
})

/** The job as clients see it. */
export function jobOf(row: JobRow): Job {
  return {
    id: row.id,
    title: row.title,
    state: row.state,
    owner: row.owner,
    priority: row.priority,
    submittedAtMs: row.submitted_at,
    ...(row.started_at !== null && { startedAtMs: row.started_at }),
    ...(row.ended_at !== null && { endedAtMs: row.ended_at }),
    attempt: row.attempt,
    retryLimit: row.retry_limit,
    dead: row.dead,
    ...(row.worker !== null && { worker: row.worker }),
    ...(row.nodes_total !== null && { nodes: { total: row.nodes_total, done: row.nodes_done ?? 0 } }),
    outputs: row.outputs,
    ...(row.error && { error: row.error }),
    lastSeq: row.last_seq ?? 0,
  }
}

/** Those of a JobRow. */
export const jobColumns = `${listColumns}, max_runtime_ms, failures, losses, lease, done_effects`

/** Undefined when there is none. */
export async function findJob(on: Queryable, id: string): Promise<JobRow | undefined> {
  const [row] = await on.query<JobRow>(`select ${jobColumns} from jobs where id = $1`, [id])
  return row
}
