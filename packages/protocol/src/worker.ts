/** Between server and workers, over a WebSocket of their own. Previews go in binary frames, as to the clients. */
import { z } from 'zod'
import { failure } from './error.js'
import { runEvent } from './event.js'
import { previewKind } from './frames.js'
import { count, digest, jobId, json } from './words.js'

const lease = z.uuid().describe('One try of one job on one worker; a word of an old lease counts for nothing')

/** What a worker has to offer; jobs go only where they can run. */
export const capabilities = z.object({
  device: z.string().describe('As `dreamgraph run` prints it'),
  memoryBytes: z.number().min(0),
  models: z.array(z.string()).describe('Names of registered models'),
  packs: z.array(z.string()).default([]).describe('Areas of third-party nodes'),
  slots: z.int().min(1).describe('Jobs at once'),
})

export type Capabilities = z.infer<typeof capabilities>

/** How a try ended. */
export const tryEnd = z.discriminatedUnion('type', [
  z.object({ type: z.literal('finished'), durationMs: z.number() }),
  z.object({ type: z.literal('failed'), error: failure }),
  z.object({ type: z.literal('cancelled') }),
  z.object({ type: z.literal('released') }).describe('Given back: the worker is told to stop'),
])

export type TryEnd = z.infer<typeof tryEnd>

export const workerFrame = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('hello'),
    protocol: z.int(),
    name: z.string().min(1).max(200),
    capabilities,
    holding: z.array(lease).describe('Leases that it still works on, after a broken connection'),
  }),
  z
    .object({
      type: z.literal('events'),
      lease,
      from: z.int().min(1).describe('Number of the first; each lease counts from 1'),
      events: z.array(z.union([runEvent, tryEnd])).min(1),
    })
    .describe('Sent again until acknowledged'),
  z.object({ type: z.literal('capabilities'), capabilities }),
  z.object({ type: z.literal('stopping') }).describe('Takes no more jobs'),
])

export type WorkerFrame = z.infer<typeof workerFrame>

/** A job as a worker gets it: nothing in it needs the server's disk. */
export const assignment = z.object({
  job: jobId,
  lease,
  attempt: z.int().min(1),
  workflow: z.string().describe('The document, text'),
  inputs: z.record(z.string(), json),
  targets: z.array(z.string()).optional(),
  files: z.record(z.string(), digest).describe('Every input file by the path that the document has for it'),
  doneEffects: z.array(z.string()).describe('Nodes with an effect that finished in an earlier try: not again'),
  cache: z.boolean(),
  previews: z.array(previewKind),
})

export type Assignment = z.infer<typeof assignment>

export const orderFrame = z.discriminatedUnion('type', [
  z.object({ type: z.literal('welcome'), protocol: z.int(), worker: z.string() }),
  z.object({ type: z.literal('run'), assignment }),
  z.object({ type: z.literal('cancel'), lease }),
  z.object({ type: z.literal('lost'), lease }).describe('The lease is not valid any more: stop'),
  z.object({ type: z.literal('previews'), lease, kinds: z.array(previewKind) }),
  z.object({ type: z.literal('ack'), lease, upTo: count }),
  z.object({ type: z.literal('error'), code: z.string(), message: z.string() }),
])

export type OrderFrame = z.infer<typeof orderFrame>
