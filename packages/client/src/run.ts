/** From a submission to its result. */
import type { Job, JobEvent, Submission } from '@dreamgraph/protocol'
import { askPatiently, type Events, eventsAfter, type Following, type FollowOptions, hasEnded } from './events.js'
import { JobCancelled, JobFailed } from './faults.js'
import { pause } from './patience.js'
import type { Send } from './request.js'

export interface RunOptions extends FollowOptions {
  readonly onEvent?: (event: JobEvent) => void
}

/** What running is made of. */
export interface Running extends Following {
  readonly send: Send
}

/** As `Client.submit`. The id is chosen here, so that asking again after a lost answer gives the same job. */
export async function submit({ send }: Running, submission: Submission, signal?: AbortSignal): Promise<Job> {
  const body: Submission = { ...submission, id: submission.id ?? newId() }
  return (await send('submit', { body, signal, isRepeatable: true })) as Job
}

/** As `Client.cancel`. */
export async function cancel({ send }: Running, job: string, signal?: AbortSignal): Promise<Job> {
  return (await send('cancel', { params: { job }, signal, isRepeatable: true })) as Job
}

/** As `Client.result`. */
export async function result(parts: Running, job: string, signal?: AbortSignal): Promise<Job> {
  const now = await askPatiently(parts, job, signal)
  if (hasEnded(now)) return settle(now)
  return toEnd(parts, job, eventsAfter(parts, job, { since: now.lastSeq, signal }))
}

/** As `Client.run`. */
export async function run(parts: Running, submission: Submission, options: RunOptions): Promise<Job> {
  const { onEvent, signal } = options
  signal?.throwIfAborted()
  const id = submission.id ?? newId()
  // Without the signal: a POST that is cut off may have arrived, so its job could not be cancelled for sure.
  const submitted = submit(parts, { ...submission, id })
  try {
    await unlessAborted(submitted, signal)
    return await toEnd(parts, id, eventsAfter(parts, id, options), onEvent)
  } catch (fault) {
    if (!signal?.aborted) throw fault
    const cancelled = submitted.then(() => cancel(parts, id)).catch(() => {})
    const answered = new AbortController()
    await Promise.race([cancelled, pause(parts.patience.cancelMs, answered.signal).catch(() => {})])
    answered.abort()
    throw signal.reason
  }
}

async function toEnd(parts: Running, id: string, events: Events, onEvent?: RunOptions['onEvent']): Promise<Job> {
  try {
    for (;;) {
      const step = await events.next()
      // Removed between its last event and the question how it ended: asking once more tells so as a fault.
      if (step.done) return settle(step.value ?? (await parts.call('job', { params: { job: id } })))
      onEvent?.(step.value)
    }
  } finally {
    await events.return(undefined)
  }
}

function settle(job: Job): Job {
  if (job.state === 'failed') throw new JobFailed(job)
  if (job.state === 'cancelled') throw new JobCancelled(job)
  return job
}

function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}

/** A UUID, version 4. `crypto.randomUUID` is missing on pages that came over plain HTTP from another machine. */
export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  bytes[6] = (bytes[6]! & 0x0f) | 0x40
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}
