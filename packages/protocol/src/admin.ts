/** Tokens, schedules, the queue as a whole, workers, and what the server says of itself. */
import { z } from 'zod'
import { count, jobId, json, name, timeMs } from './words.js'
import { capabilities } from './worker.js'

/** read: see one's own jobs; submit: run and change them; admin: all jobs, models, tokens; worker: take jobs. */
export const scopes = ['read', 'submit', 'admin', 'worker'] as const
export const scope = z.enum(scopes)
export type Scope = z.infer<typeof scope>

export const tokenRequest = z.object({ name, scopes: z.array(scope).min(1), expiresAtMs: timeMs.optional() })
export const token = z.object({
  name,
  scopes: z.array(scope),
  createdAtMs: timeMs,
  expiresAtMs: timeMs.optional(),
  lastUsedAtMs: timeMs.optional(),
})
/** The secret is told once and never stored. */
export const newToken = token.extend({ secret: z.string() })

export const signIn = z.object({ token: z.string().min(1).max(500) })
export const session = z.object({ name, scopes: z.array(scope) })

export const workerState = z.object({
  name: z.string(),
  local: z.boolean().describe('Started by the server itself'),
  connectedAtMs: timeMs,
  capabilities,
  jobs: z.array(jobId),
})

export const queueState = z.object({
  paused: z.boolean(),
  queued: count,
  running: count,
  workers: z.array(workerState),
  unservable: z.array(jobId).describe('Jobs that no connected worker can run, such as for want of their model'),
})

export type QueueState = z.infer<typeof queueState>

export const scheduleRequest = z.object({
  cron: z.string().min(9).max(100).describe('Minute, hour, day of month, month, day of week'),
  timeZone: z.string().default('UTC'),
  name: name.describe('Of the stored workflow'),
  inputs: z.record(z.string(), json).default({}),
})
export const schedule = scheduleRequest.extend({ id: z.string(), owner: z.string() })
export type Schedule = z.infer<typeof schedule>

export const health = z.object({
  status: z.enum(['fine', 'starting', 'stopping', 'failing']),
  version: z.string(),
  protocol: z.int(),
  uptimeSeconds: z.number(),
  database: z.enum(['embedded', 'postgresql']),
  workers: count,
})

export type Health = z.infer<typeof health>
