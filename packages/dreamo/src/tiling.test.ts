import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { closeTo } from './testing/golden.js'
import { axisWeights, cropTile, type Planes, planTiles, tileBlender } from './tiling.js'

const sizes = fc.record({ height: fc.integer({ min: 1, max: 40 }), width: fc.integer({ min: 1, max: 40 }) })
const options = fc
  .integer({ min: 2, max: 16 })
  .chain((tile) => fc.record({ tile: fc.constant(tile), overlap: fc.nat(tile - 1) }))

describe('planTiles', () => {
  test('a picture that fits is one tile of its own size', () => {
    expect(planTiles({ height: 10, width: 12 }, { tile: 16, overlap: 4 })).toEqual({
      height: 10,
      width: 12,
      tileHeight: 10,
      tileWidth: 12,
      tiles: [{ top: 0, left: 0 }],
    })
  })

  test('2048×1024 pixels in tiles of 1024 with 128 shared', () => {
    const { tiles } = planTiles({ height: 128, width: 256 }, { tile: 128, overlap: 16 })
    expect(tiles).toEqual([
      { top: 0, left: 0 },
      { top: 0, left: 64 },
      { top: 0, left: 128 },
    ])
  })

  test('any size: covered to the edge, neighbours share at least the overlap', () => {
    fc.assert(
      fc.property(sizes, options, (size, { tile, overlap }) => {
        const plan = planTiles(size, { tile, overlap })
        const lefts = [...new Set(plan.tiles.map(({ left }) => left))]
        expect(lefts[0]).toBe(0)
        expect(lefts.at(-1)! + plan.tileWidth).toBe(size.width)
        for (let i = 1; i < lefts.length; i++) {
          expect(lefts[i]).toBeGreaterThan(lefts[i - 1]!)
          expect(lefts[i - 1]! + tile - lefts[i]!).toBeGreaterThanOrEqual(overlap)
        }
      }),
      { seed: 7, numRuns: 300 },
    )
  })
})

describe('blending', () => {
  test('weights are a partition of unity', () => {
    fc.assert(
      fc.property(sizes, options, fc.integer({ min: 1, max: 8 }), ({ width }, { tile, overlap }, scale) => {
        const plan = planTiles({ height: 1, width }, { tile, overlap })
        const sums = new Float64Array(width * scale)
        const starts = plan.tiles.map(({ left }) => left)
        for (const [start, weights] of axisWeights(width, plan.tileWidth, starts, scale)) {
          for (const [x, weight] of weights.entries()) {
            expect(weight).toBeGreaterThan(0)
            sums[start * scale + x]! += weight
          }
        }
        for (const sum of sums) expect(sum).toBeCloseTo(1, 12)
      }),
      { seed: 8, numRuns: 200 },
    )
  })

  test('cutting and blending without work in between gives the planes back', () => {
    fc.assert(
      fc.property(sizes, options, fc.constantFrom(1, 2), (size, tileOptions, scale) => {
        const planes = ramp(2, size.height * scale, size.width * scale)
        const plan = planTiles(size, tileOptions)
        const blender = tileBlender(plan, { channels: 2, scale })
        for (const tile of plan.tiles) blender.add(tile, cropTile(planes, plan, tile, scale).data)
        expect(blender.planes).toMatchObject({ channels: 2, height: planes.height, width: planes.width })
        closeTo(blender.planes.data, planes.data, { atol: 2e-6, rtol: 0 })
      }),
      { seed: 9, numRuns: 60 },
    )
  })

  test('a disagreement is spread over the overlap', () => {
    const plan = planTiles({ height: 1, width: 6 }, { tile: 4, overlap: 2 })
    const blender = tileBlender(plan, { channels: 1, scale: 1 })
    blender.add({ top: 0, left: 0 }, new Float32Array(4))
    blender.add({ top: 0, left: 2 }, new Float32Array(4).fill(1))
    expect([...blender.planes.data]).toEqual([0, 0, 0.25, 0.75, 1, 1])
  })
})

test('what can only be our own mistake says so', () => {
  expect(() => planTiles({ height: 8, width: 8 }, { tile: 4, overlap: 4 })).toThrow(/^internal:/)
  const plan = planTiles({ height: 8, width: 8 }, { tile: 4, overlap: 1 })
  expect(() => tileBlender(plan, { channels: 1, scale: 1 }).add(plan.tiles[0]!, new Float32Array(3))).toThrow(
    /^internal:/,
  )
})

function ramp(channels: number, height: number, width: number): Planes {
  return {
    channels,
    height,
    width,
    data: Float32Array.from({ length: channels * height * width }, (_, i) => (i % 97) / 97),
  }
}
