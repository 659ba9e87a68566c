import { rngOf } from '@dreamgraph/train'
import { targetSizePx } from '@dreamgraph/world'
import { expect, test } from 'vitest'
import { recolour, variedCrop } from './augment.js'
import { readerBatch, scenePool } from './batches.js'
import { cropSizePx } from './crops.js'

/** Left half black, right half white. */
const halves = {
  width: targetSizePx,
  height: targetSizePx,
  data: Uint8Array.from({ length: targetSizePx ** 2 * 3 }, (_, i) =>
    Math.floor(i / 3) % targetSizePx < targetSizePx / 2 ? 0 : 255,
  ),
}

/** In a row half way down, the column where dark ends; in shares of the crop's width. */
function edgesOf(reader: 'picture' | 'thing', sidePx: number): number[] {
  const size = cropSizePx[reader]
  const square = { centreXPx: targetSizePx / 2, centreYPx: targetSizePx / 2, sidePx }
  return Array.from({ length: 40 }, (_, seed) => {
    const crop = variedCrop(halves, square, { reader, strength: 1, neighbour: halves, rng: rngOf(BigInt(seed)) })
    const row = crop.subarray((size / 2) * size, (size / 2 + 1) * size)
    const dark = row.filter((value) => value < 0).length
    return dark / size
  })
}

test('a whole picture is never moved or scaled: its blocks and grain lie where they lie when it is judged', () => {
  for (const edge of edgesOf('picture', targetSizePx))
    expect(Math.abs(edge - 0.5)).toBeLessThanOrEqual(1 / targetSizePx)
})

test('recoloured, each channel is one of the crop, as it was or turned into its negative; over time all of them', () => {
  const crop = Float32Array.of(0.1, 0.2, 0.3, 0.4, 0.5, 0.6) // two pixels, planes of red, green and blue
  const seen = new Set<string>()
  for (let seed = 0; seed < 400; seed++) {
    const planes = Array.from({ length: 3 }, (_, c) => [...recolour(crop, rngOf(BigInt(seed))).slice(2 * c, 2 * c + 2)])
    const named = planes.map(
      ([a]) => `${a! < 0 ? '-' : ''}${[0.1, 0.3, 0.5].findIndex((own) => Math.abs(own - Math.abs(a!)) < 1e-6)}`,
    )
    for (const [, b] of planes) expect([0.2, 0.4, 0.6].some((own) => Math.abs(own - Math.abs(b!)) < 1e-6)).toBe(true)
    expect(new Set(named.map((name) => name.at(-1))).size).toBe(3)
    seen.add(named.join())
  }
  expect(seen.size).toBe(6 * 8)
})

test('of recoloured crops no colour is asked; of others all, and whole pictures are never recoloured', () => {
  const batchOf = (reader: 'thing' | 'picture', strength: number) =>
    readerBatch(scenePool(reader, 3n), { reader, seed: 3n, step: 1, batch: 24, scenes: 24, strength })
  const asked = (targets: Float32Array, batch = 24) => {
    const width = targets.length / batch
    return Array.from({ length: batch }, (_, row) => targets.subarray(row * width, (row + 1) * width).some(Boolean))
  }
  const [still, varied] = [batchOf('thing', 0), batchOf('thing', 1)].map(({ targets }) => ({
    colours: asked(targets.colour).filter(Boolean).length,
    patterns: asked(targets.pattern).filter(Boolean).length,
  }))
  expect(still.patterns).toBe(24)
  expect(varied.patterns).toBe(24)
  expect(varied.colours).toBeLessThan(still.colours)
  expect(varied.colours).toBeGreaterThan(0)
  expect(asked(batchOf('picture', 1).targets.style)).toEqual(new Array(24).fill(true))
})

test('a thing is cut a little beside its place', () => {
  const edges = edgesOf('thing', 64)
  expect(Math.max(...edges) - Math.min(...edges)).toBeGreaterThan(0.05)
})
