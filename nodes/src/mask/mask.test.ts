import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { flat, rows } from '../testing/pictures.js'
import { runNode, type Surroundings, surroundings } from '../testing/surroundings.js'
import { maskCombine } from './combine.js'
import { squaredDistances } from './distance.js'
import { maskFeather } from './feather.js'
import { maskFromImage } from './from-image.js'
import { maskGrow } from './grow.js'
import { maskInvert } from './invert.js'
import { maskShape } from './shape.js'

let around: Surroundings
beforeAll(async () => {
  around = await surroundings()
})
afterAll(() => around.remove())

test.each([
  ['luminance', 0, 131],
  ['red', 0, 200],
  ['green', 0, 100],
  ['blue', 0, 110],
  ['alpha', 0, 40],
  ['red', 200, 255],
  ['red', 201, 0],
] as const)('from an image: %s, threshold %i', async (channel, threshold, value) => {
  const image = flat(2, 1, [200, 100, 110, 40])
  expect((await runNode(maskFromImage, { image }, { channel, threshold }, around)).mask).toEqual(rows([value, value]))
})

test('invert', async () => {
  expect((await runNode(maskInvert, { mask: rows([0, 100, 255]) }, {}, around)).mask).toEqual(rows([255, 155, 0]))
})

test.each([
  ['union', [200, 255, 30]],
  ['intersect', [10, 0, 20]],
  ['subtract', [200, 0, 20]],
] as const)('combine: %s', async (operation, expected) => {
  const inputs = { a: rows([200, 0, 20]), b: rows([10, 255, 30]) }
  expect((await runNode(maskCombine, inputs, { operation }, around)).mask).toEqual(rows(expected))
})

test('masks of different sizes do not combine', async () => {
  const run = runNode(maskCombine, { a: rows([0, 0]), b: rows([0]) }, {}, around)
  await expect(run).rejects.toMatchObject({ code: 'nodes/mask-size', userFault: true })
})

describe('grow', () => {
  const dot = rows([0, 0, 0, 0, 0], [0, 0, 0, 0, 0], [0, 0, 255, 0, 0], [0, 0, 0, 0, 0], [0, 0, 0, 0, 0])
  const o = 255
  const disc = rows([0, 0, o, 0, 0], [0, o, o, o, 0], [o, o, o, o, o], [0, o, o, o, 0], [0, 0, o, 0, 0])
  const grow = async (mask: typeof dot, pixels: number) => (await runNode(maskGrow, { mask }, { pixels }, around)).mask

  test('a dot becomes a disc and shrinks back', async () => {
    expect(await grow(dot, 2)).toEqual(disc)
    expect(await grow(disc, -1)).toEqual(
      rows([0, 0, 0, 0, 0], [0, 0, o, 0, 0], [0, o, o, o, 0], [0, 0, o, 0, 0], [0, 0, 0, 0, 0]),
    )
    expect(await grow(disc, 0)).toEqual(disc)
  })

  test('nothing stays nothing and everything stays everything', async () => {
    expect(await grow(flat(4, 3, [0]), 9)).toEqual(flat(4, 3, [0]))
    expect(await grow(flat(4, 3, [255]), -9)).toEqual(flat(4, 3, [255]))
  })

  test('distances are those of a search through all pixels', () => {
    const side = fc.integer({ min: 1, max: 9 })
    fc.assert(
      fc.property(side, side, fc.array(fc.boolean(), { minLength: 81, maxLength: 81 }), (width, height, inside) => {
        const data = Uint8Array.from({ length: width * height }, (_, i) => Number(inside[i]))
        const found = squaredDistances({ width, height, channels: 1, data }, (value) => value === 1)
        const nearest = (x: number, y: number) => {
          const distances = [...data.keys()].map((i) => {
            return data[i] ? ((i % width) - x) ** 2 + (Math.floor(i / width) - y) ** 2 : Number.POSITIVE_INFINITY
          })
          return Math.min(...distances)
        }
        expect([...found]).toEqual([...data.keys()].map((i) => nearest(i % width, Math.floor(i / width))))
      }),
      { seed: 20263, numRuns: 150 },
    )
  })
})

test('feather fades an edge and leaves what is far from it', async () => {
  const mask = rows(...Array.from({ length: 20 }, () => Array.from({ length: 40 }, (_, x) => (x < 20 ? 255 : 0))))
  const { mask: soft } = await runNode(maskFeather, { mask }, { sigma: 2 }, around)
  const row = [...soft.data.subarray(400, 440)]
  expect([row[0], row[39]]).toEqual([255, 0])
  expect(row).toEqual([...row].sort((a, b) => b - a))
  expect(row[19]! + row[20]!).toBeGreaterThanOrEqual(253)
  expect(row[19]! + row[20]!).toBeLessThanOrEqual(257)
})

describe('shapes', () => {
  const shape = async (params: object) =>
    (await runNode(maskShape, { image: flat(8, 4, [0, 0, 0]) }, params, around)).mask

  test('a rectangle covers the pixels whose centres it covers', async () => {
    const mask = await shape({ left: 0.25, right: 1, top: 0, bottom: 0.5 })
    const line = [0, 0, 255, 255, 255, 255, 255, 255]
    expect(mask).toEqual(rows(line, line, Array(8).fill(0), Array(8).fill(0)))
  })

  test('an ellipse fills π/4 of its rectangle', async () => {
    const image = flat(200, 100, [0])
    const params = { shape: 'ellipse', left: 0, top: 0, right: 1, bottom: 1 } as const
    const { mask } = await runNode(maskShape, { image }, params, around)
    const share = mask.data.filter((value) => value === 255).length / mask.data.length
    expect(Math.abs(share - Math.PI / 4)).toBeLessThan(0.005)
  })

  test('an empty shape is a typed fault', async () => {
    await expect(shape({ left: 0.6, right: 0.5 })).rejects.toMatchObject({ code: 'nodes/region-outside' })
  })
})
