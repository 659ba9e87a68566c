/** Schemas of the small words that everything else is made of. */
import { type JsonValue, maxSeed } from '@dreamgraph/graph'
import { z } from 'zod'

export const jobId = z.uuid().toLowerCase().describe('Id of a job')
export const digest = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .describe('SHA-256 of the content, hex')

/** A name that people give: of a workflow, a model, a token, a schedule. Slashes make folders. */
export const name = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[\p{L}\p{N}][\p{L}\p{N} ._-]*(\/[\p{L}\p{N}][\p{L}\p{N} ._-]*)*$/u)
  .describe('A name; slashes make folders')

/** Milliseconds since 1970. */
export const timeMs = z.number().int().min(0).describe('Milliseconds since 1970')
export const count = z.int().min(0)

export const json: z.ZodType<JsonValue> = z.json() as z.ZodType<JsonValue>

/** What a page of a list is asked with: `cursor` is the `next` of the page before. */
export const paging = {
  cursor: z.string().max(200).optional().describe('`next` of the page before'),
  limit: z.coerce.number().int().min(1).max(200).default(50).describe('Most items of the page'),
}

/** A page of a list; without `next` it is the last. */
export const page = <T extends z.ZodType>(item: T) =>
  z.object({
    items: z.array(item),
    next: z.string().optional().describe('Cursor of the next page; absent on the last'),
  })

/** Largest seed, as the documents write it. */
export const seedLimit = `${maxSeed}`
