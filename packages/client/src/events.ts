/** The events of a job as a loop, from any point of its log to its end. */
import type { Job, JobEvent, PreviewFrame, PreviewKind } from '@dreamgraph/protocol'
import type { Call } from './call.js'
import { EventReader } from './event-reader.js'
import { ServerFault } from './faults.js'
import type { Follow } from './followed-job.js'
import { type Patience, tryAgain } from './patience.js'

export interface FollowOptions {
  /** Which previews to get; default pictures, where there is an `onPreview`. */
  readonly previews?: readonly PreviewKind[]
  /** Gets previews as they come, also while the loop is busy. They are not stored, and slow readers miss some. */
  readonly onPreview?: (preview: PreviewFrame) => void
  readonly signal?: AbortSignal
}

export interface EventsOptions extends FollowOptions {
  /** Number of the last event that is known already; default 0, all. */
  readonly since?: number
}

/** What following is made of. */
export interface Following {
  readonly call: Call
  readonly follow: Follow
  readonly patience: Patience
}

/** As `Client.events`. */
export async function* jobEvents(parts: Following, job: string, options: EventsOptions): Events {
  const { since = 0, signal } = options
  signal?.throwIfAborted()
  if (since > 0) {
    const now = await askPatiently(parts, job, signal)
    if (since > now.lastSeq) throw new RangeError(`events since: expected at most ${now.lastSeq}, got ${since}`)
    // Nothing would come any more, and no event would tell so.
    if (since === now.lastSeq && hasEnded(now)) return now
  }
  return yield* eventsAfter(parts, job, options)
}

/** Yields events; returns the job as it ended, or undefined where it has been removed by then. */
export type Events = AsyncGenerator<JobEvent, Job | undefined, void>

/** Events after `since` of a job that has any to come. */
export async function* eventsAfter(parts: Following, job: string, options: EventsOptions): Events {
  const { since = 0, signal, onPreview, previews = onPreview ? ['picture'] : [] } = options
  signal?.throwIfAborted()
  const fetchEvents = async (after: number) => {
    const page = () => parts.call('jobEvents', { params: { job }, query: { since: after }, signal })
    return (await tryAgain(page, { patience: parts.patience, signal })).events
  }
  const reader = new EventReader({ job, since, follow: parts.follow, fetchEvents, previews, onPreview })
  const stop = () => reader.stop(signal?.reason)
  signal?.addEventListener('abort', stop, { once: true })
  let lastOfEnded = 0
  try {
    for (;;) {
      const event = await reader.next()
      yield event
      if (!endsJob(event) && event.seq !== lastOfEnded) continue
      const now = await askPatiently(parts, job, signal).catch(undefinedIfRemoved)
      // An end in the log is not the end of the job if somebody has retried it since, nor of the log if a worker spoke late.
      if (!now || now.lastSeq <= event.seq) return now
      if (hasEnded(now)) lastOfEnded = now.lastSeq
    }
  } finally {
    signal?.removeEventListener('abort', stop)
    reader.leave()
  }
}

/** As protocol's `endsJob`; a test compares them. */
export const endsJob = ({ type }: { readonly type: string }): boolean =>
  type === 'finished' || type === 'failed' || type === 'cancelled'

/** States are named like the events that lead to them. */
export const hasEnded = ({ state }: Job): boolean => endsJob({ type: state })

/** The job as it is, however long the server is away. */
export function askPatiently({ call, patience }: Following, job: string, signal?: AbortSignal): Promise<Job> {
  return tryAgain(() => call('job', { params: { job }, signal }), { patience, signal })
}

function undefinedIfRemoved(fault: unknown): undefined {
  if (fault instanceof ServerFault && fault.status === 404) return undefined
  throw fault
}
