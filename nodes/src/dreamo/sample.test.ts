import { type EncodedReference, type EncodedText, gaussianNoise, type Latent } from '@dreamgraph/dreamo'
import type { Preview } from '@dreamgraph/graph'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { LoadedModel } from '../model-shelf.js'
import { pattern } from '../testing/pictures.js'
import { openedModel, type Studio, studio } from '../testing/studio.js'
import { runNode, type Surroundings, surroundings } from '../testing/surroundings.js'
import { dreamoEncodeReference } from './encode-reference.js'
import { dreamoEncodeText } from './encode-text.js'
import { dreamoPackConditions } from './pack-conditions.js'
import { dreamoSample } from './sample.js'

let place: Studio
let around: Surroundings
let model: LoadedModel
let plain: LoadedModel
let text: EncodedText
let negative: EncodedText

beforeAll(async () => {
  place = await studio()
  around = await surroundings()
  const bench = await place.open({ cache: 'none' })
  model = await openedModel(bench)
  plain = await openedModel(bench, 'plain')
  text = await encodeText('a cat [ref#1]')
  negative = await encodeText('')
})
afterAll(async () => {
  await around.remove()
  await place.remove()
})

type Params = Parameters<typeof runNode<never, (typeof dreamoSample)['params'], never>>[2]

interface Given {
  readonly on?: LoadedModel
  readonly noise?: Latent
  readonly references?: EncodedReference[]
  readonly negative?: EncodedText
}

const noise: Latent = {
  channels: 16,
  height: 4,
  width: 6,
  data: gaussianNoise(16 * 4 * 6, { seed: 1n, stream: 'latent', index: 0 }),
}

/** Two steps unless told; the latent as text, to be compared. */
async function sample(params: Params = {}, given: Given = {}): Promise<string> {
  const conditions = { text, references: given.references ?? [], negative: given.negative }
  const inputs = { model: given.on ?? model, conditions, noise: given.noise ?? noise }
  const { latent } = await runNode(dreamoSample, inputs, { steps: 2, ...params }, around)
  const { data, ...size } = latent
  expect(size).toEqual({ channels: 16, height: 4, width: 6 })
  expect(data.every(Number.isFinite)).toBe(true)
  return Buffer.from(data.buffer).toString('base64')
}

test('steps and guidance matter, and the same settings give the same bytes', async () => {
  const usual = await sample()
  expect(await sample()).toBe(usual)
  const others = await Promise.all([sample({ steps: 3 }), sample({ guidance: 2 }), sample({ firstStepGuidance: 2 })])
  expect(new Set([usual, ...others]).size).toBe(4)
})

test('first step guidance 0 is the same as guidance', async () => {
  expect(await sample({ guidance: 3, firstStepGuidance: 0 })).toBe(await sample({ guidance: 3, firstStepGuidance: 3 }))
})

test('each step reports its progress and shows the latents so far; the last are the result', async () => {
  const progress: unknown[] = []
  const previews: Preview[] = []
  const ctx = {
    signal: new AbortController().signal,
    items: 1,
    progress: (...told: unknown[]) => void progress.push(told),
    preview: (preview: Preview) => void previews.push(preview),
    wantsPreview: () => false,
  }
  const inputs = { model, conditions: { text, references: [] }, noise }
  const { latent } = await runNode(dreamoSample, inputs, { steps: 3 }, { ...around, ctx })
  expect(progress).toEqual([1, 2, 3].map((step) => [step, 3, 'steps']))
  expect(previews.map(({ kind, step }) => [kind, step])).toEqual([1, 2, 3].map((step) => ['latent', step]))
  expect(previews[2]).toMatchObject({ sigma: 0, latent })
})

test('true CFG runs the negative prompt in its steps only, and needs one', async () => {
  const without = await sample()
  expect(await sample({ trueCfg: 1 }, { negative })).toBe(without)
  const everywhere = await sample({ trueCfg: 2 }, { negative })
  const firstStep = await sample({ trueCfg: 2, trueCfgEnd: 1 }, { negative })
  const lastStep = await sample({ trueCfg: 2, trueCfgStart: 1 }, { negative })
  expect(new Set([without, everywhere, firstStep, lastStep]).size).toBe(4)
  expect(await sample({ trueCfg: 2, trueCfgStart: 2 }, { negative })).toBe(without)
  expect(await sample({ trueCfg: 2, negativeGuidance: 1 }, { negative })).not.toBe(everywhere)
  await expect(sample({ trueCfg: 2 })).rejects.toMatchObject({ code: 'nodes/negative-missing' })
})

test('nine references of different sizes; each counts, and so does its slot', async () => {
  const nine = await Promise.all(
    Array.from({ length: 9 }, (_, i) => encodeReference(1 + i, pattern(16 * (1 + (i % 3)), 16 + 16 * (i % 2), 3))),
  )
  const all = await sample({}, { references: nine })
  expect(await sample({}, { references: nine.toReversed() })).toBe(all)
  expect(await sample({}, { references: nine.slice(0, 8) })).not.toBe(all)
  const [first] = nine
  const inSlot = (slot: number) => sample({}, { references: [{ ...first!, slot }] })
  expect(await inSlot(1)).not.toBe(await inSlot(9))
})

test('references need the embeddings of DreamO', async () => {
  await expect(sample({}, { on: plain, references: [await encodeReference(1)] })).rejects.toMatchObject({
    code: 'dreamo/embeddings-missing',
  })
  expect(await sample({}, { on: plain })).not.toBe(await sample())
})

test('latents of odd sides or of another autoencoder are errors', async () => {
  const odd = { ...noise, height: 3, width: 8 }
  await expect(sample({}, { noise: odd })).rejects.toMatchObject({ code: 'dreamo/size-invalid' })
  const four = { ...noise, channels: 4, height: 8, width: 12 }
  await expect(sample({}, { noise: four })).rejects.toMatchObject({ code: 'nodes/latent-mismatched' })
})

test('conditions of a model of other widths are errors', async () => {
  const narrow = { ...text, states: { ...text.states, shape: [1, 16, 24] } }
  await expect(sample({}, { negative: narrow })).rejects.toMatchObject({
    code: 'nodes/conditions-mismatched',
    message: expect.stringMatching(/^negative, T5: expected a width of 48.*got 24/),
  })
  const reference = await encodeReference(4)
  const cut = { ...reference, tokens: reference.tokens.subarray(0, 16) }
  await expect(sample({}, { references: [cut] })).rejects.toMatchObject({
    code: 'nodes/conditions-mismatched',
    message: expect.stringMatching(/^reference 4: expected a width of 64.*got 16/),
  })
})

test('conditions come in slot order with what does not fit, and the count of their tokens', async () => {
  const references = [await encodeReference(3), await encodeReference(1, pattern(32, 16, 3))]
  const { conditions } = await runNode(
    dreamoPackConditions,
    { text: await encodeText('a cat [ref#1] and a dog [ref#2], [ref 3]'), negative: undefined, references },
    {},
    around,
  )
  expect(conditions.references.map(({ slot }) => slot)).toEqual([1, 3])
  expect('negative' in conditions).toBe(false)
  const [findings, tokens] = around.previews.slice(-2)
  expect((findings!.findings as { kind: string }[]).map(({ kind }) => kind)).toEqual([
    'placeholder-without-reference',
    'placeholder-malformed',
    'reference-unnamed',
  ])
  expect(tokens).toEqual({
    kind: 'tokens',
    text: 8,
    references: [
      { slot: 1, rows: 1, columns: 2, tokens: 2 },
      { slot: 3, rows: 1, columns: 1, tokens: 1 },
    ],
  })
})

test('a slot taken twice, and a tenth reference, are errors', async () => {
  const one = await encodeReference(1)
  const pack = async (references: EncodedReference[]) =>
    runNode(dreamoPackConditions, { text, negative: undefined, references }, {}, around)
  await expect(pack([one, one])).rejects.toMatchObject({ code: 'dreamo/reference-slot-taken' })
  await expect(pack(Array(10).fill(one))).rejects.toMatchObject({ code: 'dreamo/reference-too-many' })
})

test('a prompt tells how many tokens it has, and warns where some are cut off', async () => {
  around.previews.length = 0
  await encodeText('a fox')
  await encodeText('a fox in the snow')
  expect(around.previews).toMatchObject([
    { kind: 'prompt-tokens', tokens: 7, maxTokens: 8 },
    { kind: 'prompt-tokens', tokens: 19, maxTokens: 8 },
    { kind: 'prompt-findings', findings: [{ kind: 'prompt-cut', severity: 'warning' }] },
  ])
})

test('a prompt with [ref#n] for a model without DreamO is warned of: the model would read letters', async () => {
  around.previews.length = 0
  await runNode(dreamoEncodeText, { model: plain }, { text: 'fox [ref#1]', maxTokens: 64 }, around)
  const findings = [{ kind: 'placeholder-unknown', severity: 'warning', message: expect.stringContaining('[ref#1]') }]
  expect(around.previews.at(-1)).toMatchObject({ kind: 'prompt-findings', findings })
})

async function encodeText(prompt: string): Promise<EncodedText> {
  return (await runNode(dreamoEncodeText, { model }, { text: prompt, maxTokens: 8 }, around)).text
}

async function encodeReference(slot: number, image = pattern(16, 16, 3)): Promise<EncodedReference> {
  const params = { slot, task: 'id' } as const // which keeps the size
  return (await runNode(dreamoEncodeReference, { model, image, mask: undefined }, params, around)).reference
}
