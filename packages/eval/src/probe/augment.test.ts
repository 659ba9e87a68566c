import { rngOf } from '@dreamgraph/train'
import { targetSizePx } from '@dreamgraph/world'
import { expect, test } from 'vitest'
import { variedCrop } from './augment.js'
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

test('a thing is cut a little beside its place', () => {
  const edges = edgesOf('thing', 64)
  expect(Math.max(...edges) - Math.min(...edges)).toBeGreaterThan(0.05)
})
