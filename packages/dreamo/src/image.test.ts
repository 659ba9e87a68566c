import { expect, test } from 'vitest'
import { checkImage, imageToTensor, type RgbImage, roundHalfEven, tensorToImage, toRgb } from './image.js'
import { openGolden } from './testing/golden.js'

test('the official tensor of a picture, to the bit', () => {
  const golden = openGolden('image_ops')
  const { data, shape } = golden.tensor('tensor/source')
  const image: RgbImage = { height: shape[0]!, width: shape[1]!, channels: 3, data: Uint8Array.from(data) }
  const tensor = imageToTensor(image)
  expect(tensor).toEqual(golden.tensor('tensor/normalised').data)
  expect(tensorToImage(tensor, image)).toEqual(image)
})

test('the official picture of decoded values', () => {
  const golden = openGolden('pipeline_tiny')
  const image = tensorToImage(golden.tensor('base/decoded').data, { height: 96, width: 128 })
  expect(image.data).toEqual(Uint8Array.from(golden.tensor('base/image_uint8').data))
})

test('values beyond the range are clamped, NaN is black', () => {
  const { data } = tensorToImage(Float32Array.of(-7, 7, Number.NaN), { height: 1, width: 1 })
  expect([...data]).toEqual([0, 255, 0])
})

test('halves round to the even neighbour', () => {
  expect([0.5, 1.5, 2.5, 2.49, 2.51, 254.5].map(roundHalfEven)).toEqual([0, 2, 2, 2, 3, 254])
})

test('grey is repeated, transparency shows white', () => {
  expect([...toRgb({ width: 1, height: 1, channels: 1, data: Uint8Array.of(9) }).data]).toEqual([9, 9, 9])
  const alpha = Uint8Array.of(0, 100, 255, 0, 0, 100, 255, 255, 0, 100, 255, 128)
  expect([...toRgb({ width: 3, height: 1, channels: 4, data: alpha }).data]).toEqual([
    255, 255, 255, 0, 100, 255, 127, 177, 255,
  ])
})

test('a picture must have the bytes its size says', () => {
  const image: RgbImage = { width: 2, height: 2, channels: 3, data: new Uint8Array(11) }
  expect(() => checkImage(image, 'in.png')).toThrow('in.png: expected 12 bytes for 2×2×3, got 11')
  expect(() => checkImage({ ...image, width: 0 })).toThrow('expected at least one pixel, got 2×0')
})
