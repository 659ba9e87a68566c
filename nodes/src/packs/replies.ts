// What the process of a pack may say. Code of a pack can write into the pipe too, so none of it is taken on trust.
import type { JsonValue } from '@dreamgraph/graph'
import { z } from 'zod'
import type { Reply } from './child/messages.mjs'

/** It was JSON a moment ago. */
const json = z.custom<JsonValue>()
const socketValues = z.tuple([z.string(), z.array(z.tuple([json, z.int().min(0)]))])
const replySchema: z.ZodType<Reply> = z.discriminatedUnion('op', [
  z.strictObject({ op: z.literal('ready'), nodes: json }),
  z.strictObject({ op: z.literal('refused'), message: z.string() }),
  z.strictObject({ op: z.literal('progress'), done: z.number(), total: z.number(), label: z.string().optional() }),
  z.strictObject({ op: z.literal('result'), outputs: z.array(socketValues) }),
  z.strictObject({ op: z.literal('failed'), message: z.string() }),
])

/** A message as a reply. Throws for any other. */
export function readReply(message: unknown): Reply {
  const { data } = replySchema.safeParse(message)
  if (!data) throw new TypeError('expected a reply of its host, got something else')
  return data
}
