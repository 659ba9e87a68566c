import { describe, expect, test } from 'vitest'
import { type RgbImage, toRgb } from './image.js'
import { faceMask, prepareReference, whiten } from './preprocess.js'
import { resizeToArea } from './resize-area.js'
import { openGolden } from './testing/golden.js'

const photo = goldenPicture('area0/source')

describe('subjects', () => {
  test('a full mask leaves the official resize', () => {
    const got = prepareReference({ task: 'ip', image: photo, mask: mask(photo, () => 255) }, { resolution: 48 })
    expect(got).toEqual(goldenPicture('area0/resized'))
  })

  test('the background is white before resizing, not after', () => {
    const left = mask(photo, (i) => (i % photo.width < 40 ? 255 : 0))
    const got = prepareReference({ task: 'ip', image: photo, mask: left }, { resolution: 48 })
    expect(got).toEqual(resizeToArea(whiten(photo, left), 48 * 48))
    expect([...got.data.slice(-3)]).toEqual([255, 255, 255])
  })
})

test('style: as it is, resized', () => {
  expect(prepareReference({ task: 'style', image: photo }, { resolution: 48 })).toEqual(goldenPicture('area0/resized'))
})

describe('identity', () => {
  test('the aligned face keeps its pixels and size; the rest is white', () => {
    const face: RgbImage = { width: 32, height: 32, channels: 3, data: new Uint8Array(32 * 32 * 3).fill(90) }
    const labels = Uint8Array.from({ length: 32 * 32 }, (_, i) => (i < 512 ? 1 : 18))
    const got = prepareReference({ task: 'id', face, mask: faceMask(labels, face) }, { resolution: 512 })
    expect([got.height, got.width]).toEqual([32, 32])
    expect(new Set(got.data.subarray(0, 512 * 3))).toEqual(new Set([90]))
    expect(new Set(got.data.subarray(512 * 3))).toEqual(new Set([255]))
  })

  test('hair and skin stay, ears, neck, cloth and hat go', () => {
    const labels = Uint8Array.from({ length: 19 }, (_, label) => label)
    const kept = [...faceMask(labels, { height: 1, width: 19 }).data].flatMap((value, label) => (value ? [label] : []))
    expect(kept).toEqual([1, 2, 3, 4, 5, 6, 10, 11, 12, 13, 17])
  })

  test('a photograph in place of a crop costs no more than one', () => {
    const huge: RgbImage = { width: 1600, height: 900, channels: 3, data: new Uint8Array(1600 * 900 * 3).fill(90) }
    const got = prepareReference({ task: 'id', face: huge, mask: mask(huge, () => 255) }, { resolution: 64 })
    expect(got.width * got.height).toBeLessThanOrEqual(512 * 512 * 1.05)
    expect([got.width % 16, got.height % 16]).toEqual([0, 0])
    const crop: RgbImage = { width: 512, height: 512, channels: 3, data: new Uint8Array(512 * 512 * 3).fill(90) }
    expect(prepareReference({ task: 'id', face: crop, mask: mask(crop, () => 255) }, { resolution: 64 })).toEqual(crop)
  })

  test('a crop of an odd size is brought to whole tokens', () => {
    const face = photo
    const got = prepareReference({ task: 'id', face, mask: mask(face, () => 255) }, { resolution: 512 })
    expect([got.height, got.width]).toEqual([64, 80])
  })
})

test('transparency covers once: with a mask of its own opacity a picture is what it is alone', () => {
  const soft: RgbImage = {
    width: 3,
    height: 1,
    channels: 4,
    data: Uint8Array.of(0, 0, 0, 128, 9, 9, 9, 255, 0, 0, 0, 200),
  }
  const opacity: RgbImage = { width: 3, height: 1, channels: 1, data: Uint8Array.of(128, 255, 200) }
  expect(whiten(soft, opacity)).toEqual(toRgb(soft))
  expect([...whiten(soft, opacity).data.slice(0, 3)]).toEqual([127, 127, 127])
  const narrower: RgbImage = { ...opacity, data: Uint8Array.of(255, 0, 100) }
  expect([...whiten(soft, narrower).data]).toEqual([127, 127, 127, 255, 255, 255, 155, 155, 155])
})

test('half coverage is half white', () => {
  const grey: RgbImage = { width: 1, height: 1, channels: 3, data: Uint8Array.of(0, 100, 255) }
  expect([
    ...whiten(
      grey,
      mask(grey, () => 128),
    ).data,
  ]).toEqual([127, 177, 255])
})

test('a mask must fit', () => {
  const small = { ...mask(photo, () => 255), height: 1, data: new Uint8Array(photo.width) }
  expect(() => whiten(photo, small, 'reference 2')).toThrow('reference 2: expected a mask of 67×91×1, got 1×91×1')
  expect(() => whiten(photo, photo)).toThrow(expect.objectContaining({ code: 'dreamo/mask-invalid' }))
})

function mask(image: RgbImage, value: (pixel: number) => number): RgbImage {
  const { width, height } = image
  return { width, height, channels: 1, data: Uint8Array.from({ length: width * height }, (_, i) => value(i)) }
}

function goldenPicture(name: string): RgbImage {
  const { data, shape } = openGolden('image_ops').tensor(name)
  return { height: shape[0]!, width: shape[1]!, channels: 3, data: Uint8Array.from(data) }
}
