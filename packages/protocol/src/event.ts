/** The log of a job: numbered from 1 without gaps, stored before it is told, the same for every reader. */
import { z } from 'zod'
import { failure } from './error.js'
import { output } from './job.js'
import { count, timeMs } from './words.js'

const item = z.object({ index: count, count }).describe('Which item of a mapped node')
const node = z.string().describe('Node id; inside components `outer/inner`')

export const nodeReport = z.looseObject({
  id: z.string(),
  type: z.string(),
  status: z.enum(['ran', 'cached', 'muted', 'bypassed', 'not-needed', 'failed', 'cancelled']),
  why: z.array(z.string()),
  durationMs: z.number().optional(),
  effect: z.boolean().optional().describe('The node changes the world: it is not run again by a later try'),
})

/** One step of training on one task. */
export const lossLine = z.object({
  step: z.int().min(1),
  task: z.string(),
  losses: z.record(z.string(), z.number()).describe('By name: diff, route, holder, naming, reading'),
  gradientNorm: z.number(),
  learningRate: z.number(),
})

export type LossLine = z.infer<typeof lossLine>

/** What a worker tells of a run; the server adds what happens to the job around it. */
export const runEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('run-started'), nodes: count }),
  z.object({ type: z.literal('node-started'), node }),
  z.object({
    type: z.literal('node-progress'),
    node,
    item: item.optional(),
    done: z.number(),
    total: z.number(),
    label: z.string().optional(),
  }),
  z
    .object({
      type: z.literal('node-losses'),
      node,
      stage: z.string(),
      steps: count.describe('Of the whole stage'),
      timeLeftMs: z.number().min(0),
      lines: z.array(lossLine).min(1).max(100_000),
    })
    .describe('Training since the last of these; a stage that goes on from a checkpoint tells some steps again'),
  z.object({ type: z.literal('item-finished'), node, item, cached: z.boolean() }),
  z.object({ type: z.literal('node-finished'), node, report: nodeReport }),
  z.object({ type: z.literal('node-cached'), node, report: nodeReport }),
  z.object({ type: z.literal('node-failed'), node, item: item.optional(), error: failure }),
  z.object({ type: z.literal('output'), output }),
])

export type RunEvent = z.infer<typeof runEvent>

export const jobEventBody = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('queued'),
    reason: z.enum(['submitted', 'resumed', 'retried', 'worker-lost', 'failed-try']),
  }),
  z.object({ type: z.literal('paused') }),
  z.object({ type: z.literal('started'), worker: z.string(), attempt: z.int().min(1) }),
  ...runEvent.options,
  z.object({ type: z.literal('finished'), durationMs: z.number() }),
  z.object({ type: z.literal('failed'), error: failure, dead: z.boolean() }),
  z.object({ type: z.literal('cancelled') }),
])

export type JobEventBody = z.infer<typeof jobEventBody>

export const jobEvent = z.intersection(z.object({ seq: z.int().min(1), atMs: timeMs }), jobEventBody)
export type JobEvent = JobEventBody & { readonly seq: number; readonly atMs: number }

export const eventsQuery = z.object({
  since: z.coerce.number().int().min(0).default(0).describe('Events after this number'),
  limit: z.coerce.number().int().min(1).max(10_000).default(1000),
})

export const eventPage = z.object({ events: z.array(jobEvent), more: z.boolean() })

/** True for the events that end a job. */
export const endsJob = (event: { readonly type: string }): boolean =>
  event.type === 'finished' || event.type === 'failed' || event.type === 'cancelled'
