// The life of one try, each step in a transaction: begun, what it has finished, how it ended. Every step asks first whether
// its lease is still the job's.
import type { Failure, RunEvent, TryEnd } from '@dreamgraph/protocol'
import type { Queryable } from '../database/database.js'
import { jsonForDatabase } from '../database/json.js'
import type { Boss } from './boss.js'
import type { Change } from './ledger.js'
import type { Live } from './live.js'
import { enqueuedOf, findJob, type JobRow, type TaskRow } from './rows.js'

const nothing = <T>(result: T): Change<T> => ({ events: [], result })

/** Takes the next job of these queues; undefined when there is none. */
export async function startTry(
  tx: Queryable,
  boss: Boss,
  { queues, lease, worker }: { queues: readonly string[]; lease: string; worker: string },
): Promise<Change<(JobRow & TaskRow) | undefined>> {
  const id = await boss.take(tx, queues)
  if (!id) return nothing(undefined)
  const [row] = await tx.query<JobRow & TaskRow>(
    `update jobs set state = 'running', lease = $2, worker = $3, attempt = attempt + 1, error = null, nodes_done = null,
     started_at = coalesce(started_at, $4) where id = $1 and state = 'queued' returning *`,
    [id, lease, worker, Date.now()],
  )
  if (!row) {
    await tx.query('delete from pgboss.job where id = $1 and name = any($2)', [id, queues]) // it was removed, or has ended
    return nothing(undefined)
  }
  return { job: id, events: [{ type: 'started', worker, attempt: row.attempt }], result: row }
}

/** A finished node, or something that came out. Nodes with an effect are remembered, so that no later try runs them again. */
export async function recordOutput(
  tx: Queryable,
  { job, lease, owner, isBroken }: Live,
  event: Extract<RunEvent, { type: 'output' | 'node-finished' }>,
): Promise<Change<void>> {
  const row = await findJob(tx, job)
  if (row?.lease !== lease || isBroken) return nothing(undefined)
  if (event.type === 'node-finished') {
    if (event.report.effect === true) {
      const done = [...new Set([...row.done_effects, event.node])]
      await tx.query('update jobs set done_effects = $2::jsonb where id = $1', [job, JSON.stringify(done)])
    }
    return { job, events: [event], result: undefined }
  }
  const { output } = event
  const isSame = (other: typeof output) =>
    other.name === output.name && other.node === output.node && other.file === output.file
  const outputs = [...row.outputs.filter((other) => !isSame(other)), output]
  await tx.query('update jobs set outputs = $2::jsonb where id = $1', [job, jsonForDatabase(outputs)])
  if (output.digest) {
    const { digest, file, name, mediaType, sizeBytes, width, height } = output
    await tx.query('insert into job_artifacts values ($1, $2) on conflict do nothing', [job, digest])
    await tx.query(
      `insert into artifacts (digest, owner, name, media_type, size_bytes, width, height, uploaded, created_at)
       values ($1, $2, $3, $4, $5, $6, $7, false, $8) on conflict do nothing`,
      [digest, owner, file ?? name ?? 'output', mediaType, sizeBytes ?? 0, width, height, Date.now()],
    )
  }
  return { job, events: [event], result: undefined }
}

/** How it ended: for good, or the job waits again. */
export async function endTry(
  tx: Queryable,
  boss: Boss,
  live: Live,
  end: TryEnd,
): Promise<Change<'finished' | 'failed' | 'cancelled' | undefined>> {
  const { job, lease, queue } = live
  const row = await findJob(tx, job)
  if (row?.lease !== lease || live.isBroken) return nothing(undefined)
  switch (end.type) {
    case 'finished':
      await boss.complete(tx, queue, job)
      await close(tx, live, 'finished')
      return { job, events: [{ type: 'finished', durationMs: end.durationMs }], result: 'finished' }
    case 'cancelled':
      await boss.complete(tx, queue, job)
      await close(tx, live, 'cancelled')
      return { job, events: [{ type: 'cancelled' }], result: 'cancelled' }
    case 'released':
      await boss.putBack(tx, enqueuedOf(row))
      await wait(tx, job)
      return { job, events: [{ type: 'queued', reason: 'worker-lost' }], result: undefined }
    case 'failed':
      return failTry(tx, boss, live, end.error)
  }
}

async function failTry(tx: Queryable, boss: Boss, live: Live, given: Failure): Promise<Change<'failed' | undefined>> {
  const { job, queue } = live
  const error = JSON.parse(jsonForDatabase(given)) as Failure
  // Whoever wrote the flow gets the same fault from another try.
  const willRetry = !error.userFault && (await boss.fail(tx, queue, job, error))
  if (willRetry) {
    await tx.query(
      `update jobs set state = 'queued', lease = null, failures = failures + 1, error = $2::jsonb where id = $1`,
      [job, jsonForDatabase(error)],
    )
    return { job, events: [{ type: 'queued', reason: 'failed-try' }], result: undefined }
  }
  if (error.userFault) await boss.complete(tx, queue, job)
  const dead = !error.userFault
  await close(tx, live, 'failed', { error, dead })
  return { job, events: [{ type: 'failed', error, dead }], result: 'failed' }
}

/**
 * Its worker is gone. The job goes back to its place, unless it takes every worker with it: after `mostLosses` tries in a
 * row that finished nothing it is taken for the cause.
 */
export async function loseTry(tx: Queryable, boss: Boss, live: Live, mostLosses: number): Promise<Change<void>> {
  const { job, lease, queue } = live
  const row = await findJob(tx, job)
  if (row?.lease !== lease || row.state !== 'running') return nothing(undefined)
  const losses = (await hasFinishedSomething(tx, job)) ? 1 : row.losses + 1
  if (losses <= mostLosses) {
    await boss.putBack(tx, enqueuedOf(row))
    await tx.query('update jobs set losses = $2 where id = $1', [job, losses])
    await wait(tx, job)
    return { job, events: [{ type: 'queued', reason: 'worker-lost' }], result: undefined }
  }
  const message = `job: expected a worker to live through it, got ${losses} that ended`
  const error: Failure = { code: 'job/worker-lost', message, userFault: false }
  await boss.complete(tx, queue, job)
  await close(tx, live, 'failed', { error, dead: true })
  return { job, events: [{ type: 'failed', error, dead: true }], result: undefined }
}

/** Whether the newest try has come further than those before it. */
async function hasFinishedSomething(tx: Queryable, job: string): Promise<boolean> {
  const [row] = await tx.query<{ has: boolean }>(
    `select exists(select from job_events where job = $1 and body->>'type' in ('node-finished', 'item-finished')
       and seq > (select coalesce(max(seq), 0) from job_events where job = $1 and body->>'type' = 'started')) as has`,
    [job],
  )
  return row!.has
}

const wait = (tx: Queryable, job: string) =>
  tx.query(`update jobs set state = 'queued', lease = null where id = $1`, [job])

const close = (
  tx: Queryable,
  { job, nodes }: Live,
  state: 'finished' | 'failed' | 'cancelled',
  { error, dead = false }: { error?: Failure; dead?: boolean } = {},
) =>
  tx.query(
    `update jobs set state = $2, lease = null, ended_at = $3, error = $4::jsonb, dead = $5, nodes_total = $6, nodes_done = $7
     where id = $1`,
    [job, state, Date.now(), error ? jsonForDatabase(error) : null, dead, nodes.total, nodes.done],
  )
