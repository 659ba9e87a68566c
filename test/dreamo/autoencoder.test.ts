// Pictures to latents and back on a small model, whole and in tiles.
import {
  decodePicture,
  encodePicture,
  encodeReference,
  gaussianNoise,
  type Latent,
  sampleMoments,
} from '@dreamgraph/dreamo'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { largestDifference, openSmallModel, type SmallModel, slopingPicture } from './small-model.js'

let small: SmallModel
beforeAll(async () => {
  small = await openSmallModel()
})
afterAll(() => small.close())

function randomLatent(height: number, width: number): Latent {
  const data = gaussianNoise(16 * height * width, { seed: 5n, stream: 'latent', index: 0 })
  return { channels: 16, height, width, data }
}

/** The part of a picture from a corner on. */
function crop({ width, data }: { width: number; data: Uint8Array }, top: number, left: number, size: number): number[] {
  return Array.from({ length: size * size * 3 }, (_, i) => {
    const [pixel, channel] = [Math.floor(i / 3), i % 3]
    return data[3 * ((top + Math.floor(pixel / size)) * width + left + (pixel % size)) + channel]
  })
}

describe('decoding', () => {
  test('a tile as large as the picture gives the picture made in one piece', async () => {
    const latent = randomLatent(8, 6)
    const whole = await decodePicture(small.base, latent)
    expect(whole).toMatchObject({ width: 48, height: 64, channels: 3 })
    for (const tile of [64, 512]) {
      expect(await decodePicture(small.base, latent, { tiling: { tile, overlap: 16 } })).toEqual(whole)
    }
  })

  test('tiles cover the picture: outside of overlaps it is what each tile alone gives', async () => {
    const latent = randomLatent(12, 12)
    const calls: string[] = []
    const tiled = await decodePicture(small.base, latent, {
      tiling: { tile: 64, overlap: 32 },
      onTile: (done, total) => calls.push(`${done}/${total}`),
    })
    expect(tiled).toMatchObject({ width: 96, height: 96 })
    expect(calls).toEqual(['1/4', '2/4', '3/4', '4/4'])
    // Tiles of 8×8 latents start at 0 and 4 and share 32 pixels; the outer 32 belong to one tile alone.
    for (const [top, left] of [
      [0, 0],
      [0, 4],
      [4, 0],
      [4, 4],
    ]) {
      const data = Float32Array.from({ length: 16 * 64 }, (_, i) => {
        const [channel, y, x] = [Math.floor(i / 64), Math.floor(i / 8) % 8, i % 8]
        return latent.data[(channel * 12 + top + y) * 12 + left + x]
      })
      const alone = await decodePicture(small.base, { channels: 16, height: 8, width: 8, data })
      const [y, x] = [top === 0 ? 0 : 32, left === 0 ? 0 : 32]
      expect(crop(tiled, 8 * top + y, 8 * left + x, 32)).toEqual(crop(alone, y, x, 32))
    }
  })

  test('the same latents give the same bytes', async () => {
    const options = { tiling: { tile: 48, overlap: 16 } }
    const latent = randomLatent(9, 11)
    expect(await decodePicture(small.base, latent, options)).toEqual(await decodePicture(small.base, latent, options))
  })

  test.each([
    ['no overlap left', { tile: 64, overlap: 64 }],
    ['a negative overlap', { tile: 64, overlap: -8 }],
    ['a tile of one latent', { tile: 8, overlap: 0 }],
    ['no number', { tile: Number.NaN, overlap: 0 }],
  ])('tiles with %s are refused', async (_, tiling) => {
    await expect(decodePicture(small.base, randomLatent(4, 4), { tiling })).rejects.toMatchObject({
      code: 'dreamo/size-invalid',
      userFault: true,
    })
  })

  test('an abort ends it', async () => {
    const signal = AbortSignal.abort()
    await expect(decodePicture(small.base, randomLatent(4, 4), { signal })).rejects.toMatchObject({
      code: 'runtime/cancelled',
    })
  })
})

describe('encoding', () => {
  test('a tile as large as the picture gives the latents made in one piece', async () => {
    const picture = slopingPicture(64, 48)
    const whole = await encodePicture(small.base, picture)
    expect(whole).toMatchObject({ channels: 16, height: 6, width: 8 })
    expect(await encodePicture(small.base, picture, { tiling: { tile: 64, overlap: 8 } })).toEqual(whole)
    const tiled = await encodePicture(small.base, picture, { tiling: { tile: 32, overlap: 16 } })
    expect(tiled).toMatchObject({ channels: 16, height: 6, width: 8 })
    expect(tiled.data.every(Number.isFinite)).toBe(true)
  })

  test.each([
    [60, 48],
    [64, 12],
  ])('a picture of %d×%d has no whole latents', async (width, height) => {
    await expect(encodePicture(small.base, slopingPicture(width, height))).rejects.toMatchObject({
      code: 'dreamo/size-invalid',
    })
  })

  test('a reference is drawn with its seed and slot, or is the mean', async () => {
    const image = slopingPicture(32, 32)
    const encode = (slot: number, seed?: bigint) =>
      encodeReference(
        small.base,
        { slot, task: 'ip', image },
        { draw: seed === undefined ? { kind: 'mode' } : { kind: 'sample', seed } },
      )
    const [mode, drawn] = [await encode(1), await encode(1, 7n)]
    expect(mode).toMatchObject({ slot: 1, task: 'ip', grid: { rows: 2, columns: 2 } })
    expect(mode.tokens.length).toBe(4 * 64)
    expect(await encode(2)).toEqual({ ...mode, slot: 2 })
    expect(await encode(1, 7n)).toEqual(drawn)
    for (const another of [mode, await encode(1, 8n), await encode(2, 7n)]) {
      expect(largestDifference(another.tokens, drawn.tokens)).toBeGreaterThan(0)
    }
  })
})

test('moments: mean + e^(½·logvar)·ε, the log-variance held within [−30, 20]', () => {
  const data = Float32Array.of(1, 2, 3, 4, 0, Math.log(4), -1000, 1000)
  const moments = { dtype: 'float32', shape: [1, 2, 2, 2], data } as const
  expect([...sampleMoments(moments)]).toEqual([1, 2, 3, 4])
  const drawn = sampleMoments(moments, Float32Array.of(1, -1, 1, 1))
  expect([...drawn].map((x) => Number(x.toPrecision(6)))).toEqual([2, 0, 3, Number((4 + Math.exp(10)).toPrecision(6))])
})
