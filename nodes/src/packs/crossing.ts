// The types of which values may cross into a pack and back, each with the rule for what comes back from a stranger.
// Handles are not among them: a model, a dataset, an adapter or a file lies where a pack cannot reach, and one made up by a
// pack would make us open a place of its choice.
import { booleanType, floatType, intType, jsonType, type SocketType, seedType, textType } from '@dreamgraph/graph'
import { z } from 'zod'
import {
  conditionsType,
  imageType,
  latentType,
  lossesType,
  maskType,
  referenceType,
  textEmbeddingType,
} from '../sockets.js'
import type { EncodedValue } from './child/encodings.mjs'

export interface Crossing {
  readonly type: SocketType<unknown>
  /** What `fits` asks for; completes "expected …". */
  readonly rule: string
  readonly fits: (encoded: EncodedValue) => boolean
}

const side = z
  .int()
  .min(1)
  .max(2 ** 16)
const imageSize = (channels: z.ZodType<number>) =>
  z
    .strictObject({ width: side, height: side, channels })
    .transform((size) => [size.width * size.height * size.channels])
const latentSize = z
  .strictObject({ channels: side, height: side, width: side })
  .transform((size) => [4 * size.channels * size.height * size.width])
const embeddingSize = z
  .strictObject({
    prompt: z.string(),
    states: z.tuple([z.literal(1), side, side]),
    pooled: z.tuple([z.literal(1), side]),
  })
  .transform(({ states, pooled }) => [4 * states[1] * states[2], 4 * pooled[1]])
const referenceShape = z.strictObject({
  slot: z.int().min(1).max(9),
  task: z.literal(['ip', 'id', 'style']),
  grid: z.strictObject({ rows: side, columns: side }),
})
const conditionsShape = z.strictObject({ hasNegative: z.boolean(), parts: z.array(z.unknown()).min(1).max(11) })
const lossesShape = z.strictObject({
  stage: z.string(),
  lines: z.array(
    z.strictObject({
      step: z.int(),
      task: z.string(),
      losses: z.partialRecord(z.enum(['diff', 'route', 'holder']), z.number()),
      gradientNorm: z.number(),
      learningRate: z.number(),
    }),
  ),
})

const maxJsonLevels = 64

/** By type name. */
export const crossings: ReadonlyMap<string, Crossing> = new Map(
  [
    crossing(imageType, 'width, height, 1, 3 or 4 channels and as many bytes', sized(imageSize(z.literal([1, 3, 4])))),
    crossing(maskType, 'width, height, 1 channel and as many bytes', sized(imageSize(z.literal(1)))),
    crossing(latentType, 'channels, height, width and as many 32-bit floats', sized(latentSize)),
    crossing(textEmbeddingType, 'prompt, states [1, n, d], pooled [1, d] and as many floats', sized(embeddingSize)),
    crossing(referenceType, 'slot, task, grid and whole rows of 32-bit floats', isReference),
    crossing(conditionsType, 'text, references and perhaps a negative text', areConditions),
    crossing(lossesType, 'stage and lines', ({ json }) => lossesShape.safeParse(json).success),
    crossing(jsonType, `JSON of at most ${maxJsonLevels} levels`, ({ json }) => isShallow(json, maxJsonLevels)),
    ...[intType, floatType, booleanType, seedType, textType].map((type: SocketType<unknown>) =>
      crossing(type, `a value of type ${type.name}`, ({ json }) => type.parse!(json) !== undefined),
    ),
  ].map((entry) => [entry.type.name, entry]),
)

function crossing(type: SocketType<unknown>, rule: string, fits: Crossing['fits']): Crossing {
  return { type, rule, fits }
}

/** JSON that says how many bytes each blob has. */
function sized(sizes: z.ZodType<number[]>): Crossing['fits'] {
  return ({ json, blobs }) => {
    const { data } = sizes.safeParse(json)
    return data?.length === blobs.length && data.every((size, i) => size === blobs[i]!.byteLength)
  }
}

function isReference({ json, blobs }: EncodedValue): boolean {
  const { data } = referenceShape.safeParse(json)
  if (!data || blobs.length !== 1) return false
  const rowBytes = blobs[0]!.byteLength / (data.grid.rows * data.grid.columns)
  return rowBytes > 0 && rowBytes % 4 === 0
}

function areConditions({ json, blobs }: EncodedValue): boolean {
  const { data } = conditionsShape.safeParse(json)
  if (!data) return false
  const texts = data.hasNegative ? 2 : 1
  const parts = data.parts.map((part, i) => ({
    json: part as EncodedValue['json'],
    blobs: i < texts ? blobs.slice(2 * i, 2 * i + 2) : blobs.slice(texts + i, texts + i + 1),
  }))
  const fit = parts.every((part, i) => (i < texts ? sized(embeddingSize)(part) : isReference(part)))
  return fit && parts.length >= texts && blobs.length === texts + parts.length
}

/** Everything behind recurses over it. */
function isShallow(json: unknown, levels: number): boolean {
  if (typeof json !== 'object' || json === null) return true
  return levels > 0 && Object.values(json).every((value) => isShallow(value, levels - 1))
}
