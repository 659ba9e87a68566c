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

function picture(name: string): RgbImage {
  const { data, shape } = golden.tensor(name)
  return { height: shape[0]!, width: shape[1]!, channels: 3, data: Uint8Array.from(data) }
}
