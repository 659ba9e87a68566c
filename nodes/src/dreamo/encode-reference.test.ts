import type { EncodedReference, RgbImage } from '@dreamgraph/dreamo'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { LoadedModel } from '../model-shelf.js'
import { flat, pattern, pixelAt } from '../testing/pictures.js'
import { openedModel, type Studio, studio } from '../testing/studio.js'
import { runNode, type Surroundings, surroundings } from '../testing/surroundings.js'
import { dreamoEncodeReference } from './encode-reference.js'

let place: Studio
let around: Surroundings
let model: LoadedModel

beforeAll(async () => {
  place = await studio()
  around = await surroundings()
  model = await openedModel(await place.open({ cache: 'none' }))
})
afterAll(async () => {
  await around.remove()
  await place.remove()
})

type Params = Parameters<typeof runNode<never, (typeof dreamoEncodeReference)['params'], never>>[2]

const encode = (image: RgbImage, params: Params = {}, mask?: RgbImage) =>
  runNode(dreamoEncodeReference, { model, image, mask }, { resolution: 32, ...params }, around)

const photo = pattern(64, 48, 3)

test('ip: what the mask drops is white, and the rest fills about the square asked for', async () => {
  const mask = { ...flat(64, 48, [255]), data: flat(64, 48, [255]).data.map((_, i) => (i % 64 < 32 ? 255 : 0)) }
  const { prepared, reference } = await encode(photo, { resolution: 64 }, mask)
  expect([prepared.width, prepared.height, prepared.channels]).toEqual([64, 48, 3])
  expect(pixelAt(prepared, 60, 24)).toEqual([255, 255, 255])
  expect(pixelAt(prepared, 4, 24)).not.toEqual([255, 255, 255])
  expect(reference.grid).toEqual({ rows: 3, columns: 4 })
  expect(reference.tokens).toHaveLength(3 * 4 * 64)
})

test('ip without a mask keeps the whole picture', async () => {
  const { prepared } = await encode(photo)
  const { prepared: kept } = await encode(photo, {}, flat(64, 48, [255]))
  expect(prepared).toEqual(kept)
})

test('transparency becomes white, without a mask as well', async () => {
  const half = { ...pattern(32, 32, 4), data: pattern(32, 32, 4).data.map((v, i) => (i % 4 < 3 ? v : 0)) }
  const { prepared } = await encode(half)
  expect(prepared.data.every((value) => value === 255)).toBe(true)
})

test('id keeps its size and takes a mask; style takes the picture as it is', async () => {
  const face = await encode(photo, { task: 'id' }, flat(64, 48, [0]))
  expect(face.prepared).toEqual(flat(64, 48, [255, 255, 255]))
  const style = await encode(pattern(32, 32, 3), { task: 'style' }, flat(32, 32, [0]))
  expect(style.prepared).toEqual(pattern(32, 32, 3))
  expect([face.reference.task, style.reference.task]).toEqual(['id', 'style'])
})

test('a sample depends on seed and slot, the mode on neither', async () => {
  const tokens = async (params: Params): Promise<string> => bytesOf((await encode(photo, params)).reference)
  const seeds = [{ seed: 0n }, { seed: 1n }, { seed: 2n ** 64n - 1n }, { seed: 0n, slot: 2 }]
  const sampled = await Promise.all(seeds.map(tokens))
  expect(new Set(sampled).size).toBe(seeds.length)
  expect(await tokens({ seed: 1n })).toBe(sampled[1])
  const modes = await Promise.all(seeds.map((params) => tokens({ ...params, draw: 'mode' })))
  expect(new Set(modes).size).toBe(1)
  expect(sampled).not.toContain(modes[0])
})

test('a mask of another size, and a face smaller than a token, are errors', async () => {
  await expect(encode(photo, {}, flat(48, 64, [255]))).rejects.toMatchObject({ code: 'dreamo/mask-invalid' })
  await expect(encode(pattern(15, 40, 3), { task: 'id' })).rejects.toMatchObject({ code: 'dreamo/size-invalid' })
})

const bytesOf = ({ tokens }: EncodedReference): string => Buffer.from(tokens.buffer).toString('base64')
