import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DreamoError } from './errors.js'
import type { RgbImage } from './image.js'
import { resizeArea, resizeToArea, resizeToLongEdge } from './resize-area.js'
import { openGolden } from './testing/golden.js'

interface Listing {
  listing: { name: string; source: [number, number]; area?: number; long_edge?: number }[]
}
const golden = openGolden<Listing>('image_ops')

describe('byte for byte as OpenCV', () => {
  test.each(golden.params.listing)('$name: $source', ({ name, area, long_edge }) => {
    const source = picture(`${name}/source`)
    const want = picture(`${name}/resized`)
    expect(area === undefined ? resizeToLongEdge(source, long_edge!) : resizeToArea(source, area)).toEqual(want)
  })
})

test('any shrink is the mean of the covered area, within one level', () => {
  const side = fc.integer({ min: 1, max: 24 })
  fc.assert(
    fc.property(side, side, side, side, fc.nat(), (height, width, toHeight, toWidth, offset) => {
      const size = { height: Math.min(height, toHeight), width: Math.min(width, toWidth) }
      const data = Uint8Array.from({ length: height * width }, (_, i) => Math.imul(i + offset, 0x9e3779b1) >>> 24)
      const got = resizeArea({ height, width, channels: 1, data }, size)
      for (const [i, value] of got.data.entries()) {
        const mean = areaMean({ height, width, data }, size, Math.floor(i / size.width), i % size.width)
        expect(Math.abs(value - mean)).toBeLessThan(1)
      }
    }),
    { seed: 5, numRuns: 200 },
  )
})

test('masks shrink with the same weights as colours', () => {
  const source = picture('area0/source')
  const green = { ...source, channels: 1 as const, data: source.data.filter((_, i) => i % 3 === 1) }
  const want = resizeArea(source, { height: 32, width: 48 }).data.filter((_, i) => i % 3 === 1)
  expect(resizeArea(green, { height: 32, width: 48 }).data).toEqual(want)
})

test('a flat picture stays flat at any size', () => {
  const flat: RgbImage = { width: 7, height: 5, channels: 1, data: new Uint8Array(35).fill(200) }
  for (const size of [
    { height: 3, width: 4 },
    { height: 1, width: 1 },
    { height: 9, width: 20 },
    { height: 2, width: 30 },
  ]) {
    expect(new Set(resizeArea(flat, size).data)).toEqual(new Set([200]))
  }
})

test('a sliver that would lose a side is refused', () => {
  const sliver: RgbImage = { width: 2000, height: 2, channels: 1, data: new Uint8Array(4000) }
  expect(() => resizeToArea(sliver, 512 * 512)).not.toThrow()
  expect(() => resizeToArea(sliver, 64 * 64)).toThrow(DreamoError)
  expect(() => resizeToLongEdge(sliver, 100)).toThrow('expected at least 1×1 pixels, got 0×100')
})

/** Mean of the source under an output pixel, in float64 and straight from the definition. */
function areaMean(
  source: { height: number; width: number; data: Uint8Array },
  size: { height: number; width: number },
  row: number,
  column: number,
): number {
  const shareOf = (i: number, to: number, scale: number) =>
    Math.max(0, Math.min(i + 1, (to + 1) * scale) - Math.max(i, to * scale)) / scale
  let mean = 0
  for (const [i, value] of source.data.entries()) {
    const y = shareOf(Math.floor(i / source.width), row, source.height / size.height)
    mean += value * y * shareOf(i % source.width, column, source.width / size.width)
  }
  return mean
}

function picture(name: string): RgbImage {
  const { data, shape } = golden.tensor(name)
  return { height: shape[0]!, width: shape[1]!, channels: 3, data: Uint8Array.from(data) }
}
