/** What goes over the clients' WebSocket: text frames of JSON, and binary frames of previews. */
import { z } from 'zod'
import { jobEvent } from './event.js'
import { job } from './job.js'
import { count, jobId } from './words.js'

export const previewKinds = ['picture', 'routing', 'routing-layers'] as const
export const previewKind = z.enum(previewKinds)
export type PreviewKind = z.infer<typeof previewKind>

/** From the client. */
export const clientFrame = z.discriminatedUnion('type', [
  z
    .object({ type: z.literal('token'), token: z.string().max(500) })
    .describe('First of all, where a browser cannot send a header'),
  z.object({
    type: z.literal('follow'),
    job: jobId,
    since: count.default(0).describe('Number of the last event that the client has'),
    previews: z.array(previewKind).default([]),
  }),
  z.object({ type: z.literal('unfollow'), job: jobId }),
  z.object({ type: z.literal('follow-jobs') }).describe('A `job` frame whenever one of the submitter’s jobs changes'),
  z.object({ type: z.literal('unfollow-jobs') }),
  z.object({ type: z.literal('ping'), id: z.string().max(100).optional() }),
])

export type ClientFrame = z.input<typeof clientFrame>

/** To the client. */
export const serverFrame = z.discriminatedUnion('type', [
  z.object({ type: z.literal('welcome'), protocol: z.int(), server: z.string(), submitter: z.string() }),
  z.object({ type: z.literal('event'), job: jobId, event: jobEvent }).describe('Each exactly once, in order'),
  z.object({ type: z.literal('job'), job }),
  z.object({ type: z.literal('job-removed'), job: jobId }),
  z.object({ type: z.literal('pong'), id: z.string().optional() }),
  z.object({ type: z.literal('error'), code: z.string(), message: z.string(), job: jobId.optional() }),
])

export type ServerFrame = z.infer<typeof serverFrame>

/** Before the bytes of a preview. */
export const previewHeader = z.object({
  job: z.uuid(),
  node: z.string(),
  item: z.object({ index: count, count }).optional(),
  kind: previewKind,
  mediaType: z.string().describe('image/jpeg, image/png; application/octet-stream: one byte per cell of the map'),
  width: count,
  height: count,
  step: count.optional(),
  reference: count.optional().describe('Slot of the reference, for the kinds of routing'),
  group: z.string().optional().describe('Third of the layers, for kind routing-layers: early, middle or late'),
  leakage: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .describe('Share of the reference’s response that lies where another one responds as well'),
})

export type PreviewHeader = z.infer<typeof previewHeader>
