/** Jobs: what is submitted, what a job is afterwards, what comes out of it. */
import { z } from 'zod'
import { failure } from './error.js'
import { count, digest, jobId, json, name, page, paging, timeMs } from './words.js'

export const jobStates = ['queued', 'paused', 'running', 'finished', 'failed', 'cancelled'] as const
export const jobState = z.enum(jobStates)
export type JobState = z.infer<typeof jobState>

/** States after which nothing happens any more, unless somebody retries. */
export const finalStates: readonly JobState[] = ['finished', 'failed', 'cancelled']

export const priority = z
  .int()
  .min(-100)
  .max(100)
  .describe('Higher goes first; equal ones take turns between submitters, oldest first')

export const submission = z
  .object({
    workflow: z
      .union([z.string(), z.looseObject({})])
      .optional()
      .describe('The document, as text or JSON'),
    name: name.optional().describe('Instead: a stored workflow or template, by name'),
    revision: z.int().min(1).optional().describe('Of the stored workflow; default the latest'),
    inputs: z
      .record(z.string(), json)
      .default({})
      .describe('Values of declared inputs; files as names that uploads gave'),
    targets: z.array(z.string()).min(1).max(10_000).optional().describe('Run only these nodes and what they need'),
    title: z.string().max(500).optional(),
    priority: priority.default(0),
    retryLimit: z.int().min(0).max(20).default(2).describe('Tries after a failure that is not the submitter’s fault'),
    startAfterMs: timeMs.optional().describe('Not before'),
    cache: z.boolean().default(true).describe('False: compute everything anew'),
    id: jobId.optional().describe('Chosen by the client: submitting it again changes nothing and gives the same job'),
    maxRuntimeMs: z
      .int()
      .min(1000)
      .optional()
      .describe('Ends the job as failed after so long; default the server’s limit'),
  })
  .refine((given) => (given.workflow === undefined) !== (given.name === undefined), {
    message: 'expected either "workflow" or "name"',
  })
  .describe('A job to be')

export type Submission = z.input<typeof submission>

/** A file or a value that came out. */
export const output = z.object({
  name: z.string().optional().describe('Of the declared output; absent for files that nodes wrote'),
  node: z.string().optional(),
  file: z.string().optional().describe('Name of the file as the node wrote it'),
  numbered: z
    .boolean()
    .optional()
    .describe('The name ends with the next free number of a folder; elsewhere it is another'),
  digest: digest.optional().describe('Of the bytes: GET /v1/artifacts/<digest>'),
  mediaType: z.string().optional(),
  sizeBytes: count.optional(),
  width: count.optional(),
  height: count.optional(),
  value: json.optional().describe('Small values themselves; others in words'),
})

export type Output = z.infer<typeof output>

export const job = z
  .object({
    id: jobId,
    title: z.string(),
    state: jobState,
    owner: z.string().describe('Who submitted it'),
    priority,
    submittedAtMs: timeMs,
    startedAtMs: timeMs.optional(),
    endedAtMs: timeMs.optional(),
    attempt: count.describe('How often it was begun'),
    retryLimit: count,
    dead: z.boolean().describe('Failed for good: all tries are used up'),
    worker: z.string().optional().describe('Name of the worker that has it, or had it last'),
    nodes: z
      .object({
        total: count,
        done: count,
        current: z.string().optional(),
        progress: z.number().min(0).max(1).optional(),
      })
      .optional()
      .describe('How far it is'),
    outputs: z.array(output),
    error: failure.optional(),
    lastSeq: count.describe('Number of its newest event'),
  })
  .describe('A job')

export type Job = z.infer<typeof job>

export const jobsQuery = z.object({
  ...paging,
  state: z
    .string()
    .regex(/^[a-z]+(,[a-z]+)*$/)
    .optional()
    .describe('States, with commas between'),
  search: z.string().max(200).optional().describe('Words of title, workflow name or prompt'),
  order: z.enum(['newest', 'queue']).default('newest').describe('queue: in the order in which they will run'),
})

export const jobPage = page(job)
export type JobPage = z.infer<typeof jobPage>

export const move = z
  .object({
    to: z.enum(['first', 'last']).optional(),
    before: jobId.optional(),
    after: jobId.optional(),
    priority: priority.optional(),
  })
  .refine((where) => Object.values(where).filter((value) => value !== undefined).length === 1, {
    message: 'expected one of "to", "before", "after", "priority"',
  })

export type Move = z.infer<typeof move>
