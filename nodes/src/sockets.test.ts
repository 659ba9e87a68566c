import type { EncodedReference, EncodedText } from '@dreamgraph/dreamo'
import type { SocketType } from '@dreamgraph/graph'
import { expect, test } from 'vitest'
import {
  type Conditions,
  conditionsType,
  imageType,
  latentType,
  lossesType,
  maskType,
  modelType,
  referenceType,
  routingType,
  textEmbeddingType,
  valueTypes,
} from './sockets.js'
import { pattern } from './testing/pictures.js'

const floats = (length: number, start = 0): Float32Array => Float32Array.from({ length }, (_, i) => start + i / 3)

const text: EncodedText = {
  prompt: 'a cat [ref#1] — 雪',
  states: { dtype: 'float32', shape: [1, 2, 3], data: floats(6) },
  pooled: { dtype: 'float32', shape: [1, 4], data: floats(4, 9) },
}
const reference: EncodedReference = { slot: 2, task: 'id', tokens: floats(128), grid: { rows: 1, columns: 2 } }
const conditions: Conditions = { text, references: [reference, { ...reference, slot: 3 }] }

const cases: [string, SocketType<unknown>, unknown][] = [
  ['image', imageType, pattern(5, 3, 3)],
  ['image with transparency', imageType, pattern(3, 3, 4)],
  ['mask', maskType, pattern(4, 2, 1)],
  ['latent', latentType, { channels: 16, height: 2, width: 2, data: floats(64) }],
  ['text', textEmbeddingType, text],
  ['reference', referenceType, reference],
  ['conditions', conditionsType, conditions],
  ['conditions with a negative', conditionsType, { ...conditions, negative: { ...text, prompt: '' } }],
  [
    'losses',
    lossesType,
    { stage: 'a', lines: [{ step: 1, task: 'text', losses: { diff: 0.1 }, gradientNorm: 2, learningRate: 1e-5 }] },
  ],
  [
    'routing',
    routingType,
    {
      rows: 1,
      columns: 2,
      maps: [
        { reference: 2, map: Uint8Array.of(0, 255), leakage: 0.25 },
        { reference: 3, map: Uint8Array.of(255, 0), leakage: 0.5 },
      ],
    },
  ],
  ['routing without maps', routingType, { rows: 1, columns: 2, maps: [] }],
  ['conditions without references', conditionsType, { text, references: [] }],
]

test.each(cases)('%s comes back from disk as it was', async (_, type, value) => {
  const { json, blobs } = type.encode!(value)
  // A file is read into one buffer, and a blob starts anywhere in it.
  const misplaced = blobs.map((blob) => Buffer.concat([Buffer.of(7), blob]).subarray(1))
  expect(await type.decode!({ json: JSON.parse(JSON.stringify(json)), blobs: misplaced })).toEqual(value)
})

test('content decides the digest', () => {
  const picture = pattern(4, 4, 3)
  expect(imageType.digest(picture)).toBe(imageType.digest({ ...picture, data: picture.data.slice() }))
  expect(imageType.digest(picture)).not.toBe(imageType.digest({ ...picture, width: 2, height: 8 }))
  expect(conditionsType.digest(conditions)).not.toBe(conditionsType.digest({ ...conditions, negative: text }))
  expect(referenceType.digest(reference)).not.toBe(referenceType.digest({ ...reference, slot: 4 }))
})

test('a model stays in the process that opened it', () => {
  expect(modelType.encode).toBeUndefined()
})

test('names and colours tell the types apart', () => {
  for (const key of ['name', 'color', 'title'] as const) {
    expect(new Set(valueTypes.map((type) => type[key])).size).toBe(valueTypes.length)
  }
})
