import type { Latent, RgbImage } from '@dreamgraph/dreamo'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { latentEmpty } from '../latent/empty.js'
import { latentNoise } from '../latent/noise.js'
import type { LoadedModel } from '../model-shelf.js'
import { pattern } from '../testing/pictures.js'
import { openedModel, type Studio, studio } from '../testing/studio.js'
import { runNode, type Surroundings, surroundings } from '../testing/surroundings.js'
import { vaeDecode } from './decode.js'
import { vaeEncode } from './encode.js'

let place: Studio
let around: Surroundings
let model: LoadedModel

beforeAll(async () => {
  place = await studio()
  around = await surroundings()
  model = await openedModel(await place.open({ cache: 'none' }), 'plain')
})
afterAll(async () => {
  await around.remove()
  await place.remove()
})

type DecodeParams = Parameters<typeof runNode<never, (typeof vaeDecode)['params'], never>>[2]
type EncodeParams = Parameters<typeof runNode<never, (typeof vaeEncode)['params'], never>>[2]

const decode = async (latent: Latent, params: DecodeParams = {}): Promise<RgbImage> =>
  (await runNode(vaeDecode, { model, latent }, params, around)).image
const encode = async (image: RgbImage, params: EncodeParams = {}): Promise<Latent> =>
  (await runNode(vaeEncode, { model, image }, params, around)).latent
const noise = async (width: number, height: number, seed = 0n): Promise<Latent> =>
  (await runNode(latentNoise, {}, { width, height, seed }, around)).latent

test('a picture decoded in tiles has the size of the one made whole, and looks much like it', async () => {
  const latent = await noise(96, 160)
  const whole = await decode(latent, { tile: 0 })
  const tiled = await decode(latent, { tile: 64, overlap: 32 })
  expect([whole.width, whole.height, whole.channels]).toEqual([96, 160, 3])
  expect({ ...tiled, data: 0 }).toEqual({ ...whole, data: 0 })
  const off = whole.data.reduce((sum, level, i) => sum + Math.abs(level - tiled.data[i]!), 0) / whole.data.length
  expect(off).toBeGreaterThan(0)
  expect(off).toBeLessThan(30)
  expect(await decode(latent, { tile: 160, overlap: 32 })).toEqual(whole)
})

test('a picture encoded in tiles has the size of the one encoded whole; grey and transparent ones work too', async () => {
  const picture = pattern(128, 64, 3)
  const whole = await encode(picture, { tile: 0 })
  expect({ ...whole, data: whole.data.length }).toEqual({ channels: 16, height: 8, width: 16, data: 16 * 8 * 16 })
  const tiled = await encode(picture, { tile: 64, overlap: 16 })
  expect({ ...tiled, data: 0 }).toEqual({ ...whole, data: 0 })
  for (const channels of [1, 4] as const) {
    expect(await encode(pattern(32, 32, channels))).toMatchObject({ channels: 16, height: 4, width: 4 })
  }
})

test('the mode knows no seed, a sample does', async () => {
  const picture = pattern(32, 32, 3)
  const mode = await encode(picture)
  expect(await encode(picture, { seed: 1n })).toEqual(mode)
  const [first, second] = [
    await encode(picture, { draw: 'sample', seed: 1n }),
    await encode(picture, { draw: 'sample' }),
  ]
  expect(first).not.toEqual(mode)
  expect(second).not.toEqual(first)
  expect(await encode(picture, { draw: 'sample', seed: 1n })).toEqual(first)
})

test('pictures of other sides than multiples of 8, latents of another autoencoder and impossible tiles are errors', async () => {
  await expect(encode(pattern(36, 32, 3))).rejects.toMatchObject({ code: 'dreamo/size-invalid' })
  const four = { channels: 4, height: 4, width: 4, data: new Float32Array(64) }
  await expect(decode(four)).rejects.toMatchObject({ code: 'nodes/latent-mismatched' })
  await expect(decode(await noise(32, 32), { tile: 64, overlap: 64 })).rejects.toMatchObject({
    code: 'dreamo/size-invalid',
  })
})

test('noise takes seeds of 64 bits, and sides floored to whole tokens', async () => {
  const seeds = [0n, 1n, 2n ** 53n, 2n ** 53n + 1n, 11980469406460273604n, 2n ** 64n - 1n]
  const draws = await Promise.all(seeds.map((seed) => noise(32, 32, seed)))
  expect(new Set(draws.map(({ data }) => data.join())).size).toBe(seeds.length)
  expect(await noise(47, 33, 1n)).toEqual(draws[1])
  expect(draws[0]).toMatchObject({ channels: 16, height: 4, width: 4 })
})

test('an empty latent is zeros, and decodes to a picture of the size asked for', async () => {
  const { latent } = await runNode(latentEmpty, {}, { width: 48, height: 32 }, around)
  expect(latent).toEqual({ channels: 16, height: 4, width: 6, data: new Float32Array(16 * 4 * 6) })
  expect(await decode(latent)).toMatchObject({ width: 48, height: 32 })
})
