/** Models: which there are, whether their weights fit, and downloads. */
import { z } from 'zod'
import { failure } from './error.js'
import { count, digest, timeMs } from './words.js'

export const modelSummary = z.object({
  name: z.string(),
  shipped: z.boolean().describe('Comes with dreamgraph'),
  parts: z.record(z.string(), z.string()).describe('Folder and parts, by role'),
  sizeBytes: count,
  problem: z.string().optional().describe('Why it cannot be opened'),
})

export type ModelSummary = z.infer<typeof modelSummary>

export const matchReport = z.object({
  name: z.string(),
  isFine: z.boolean(),
  components: z.array(
    z.object({
      component: z.string(),
      tensors: count,
      missing: z.array(z.string()),
      unused: z.array(z.string()),
      message: z.string().optional(),
    }),
  ),
  presets: z.array(z.object({ preset: z.string(), isFine: z.boolean(), message: z.string().optional() })),
})

export type MatchReport = z.infer<typeof matchReport>

/** Tokens that the sampler works on. */
export const memoryQuery = z.object({
  text: z.coerce.number().int().min(1).max(10_000),
  picture: z.coerce.number().int().min(1).max(100_000),
  references: z.coerce.number().int().min(0).max(500_000).default(0).describe('Of all references together'),
})

export const memoryForecast = z.object({
  weightBytes: count.describe('Of the transformer, as they lie in their files'),
  residentBytes: count.describe('Of them, what must fit while they are mapped'),
  runBytes: count.describe('Taken by a step and given back'),
})

export type MemoryForecast = z.infer<typeof memoryForecast>

export const downloadRequest = z.object({
  name: z
    .string()
    .regex(/^[a-z\d][\w.-]*$/i)
    .max(100)
    .describe('Under which it will be registered'),
  repo: z
    .string()
    .regex(/^[\w.-]+\/[\w.-]+$/)
    .describe('owner/name on the hub'),
  revision: z
    .string()
    .regex(/^[\w.-]+$/)
    .default('main'),
  files: z
    .array(z.string().max(500))
    .max(1000)
    .optional()
    .describe('Paths, or patterns with *; default all weights and configs'),
})

export const download = z.object({
  id: z.uuid(),
  name: z.string(),
  repo: z.string(),
  revision: z.string(),
  state: z.enum(['running', 'finished', 'failed', 'cancelled']),
  doneBytes: count,
  totalBytes: count.optional(),
  file: z.string().optional().describe('The one on its way'),
  startedAtMs: timeMs,
  error: failure.optional(),
})

export type Download = z.infer<typeof download>

export const upload = z.object({
  file: z.string().describe('What a file param, or an input of type file, takes for it'),
  name: z.string(),
  digest,
  sizeBytes: count,
  mediaType: z.string(),
  width: count.optional(),
  height: count.optional(),
})

export type Upload = z.infer<typeof upload>
