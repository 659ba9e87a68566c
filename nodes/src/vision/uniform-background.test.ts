import { expect, test } from 'vitest'
import { flat, pattern } from '../testing/pictures.js'
import { uniformBackgroundMask } from './uniform-background.js'

const [width, height] = [24, 20]
const blue = [40, 60, 200] as const
const red = [220, 30, 30] as const

/** Red over blue as far as `coverage` says, 0 … 1. */
function picture(coverage: (x: number, y: number) => number, noise = 0) {
  const image = flat(width, height, blue)
  for (let i = 0; i < width * height; i++) {
    const part = coverage(i % width, Math.floor(i / width))
    for (let c = 0; c < 3; c++) {
      const jitter = noise * (((i * 7 + c * 5) % 3) - 1)
      image.data[3 * i + c] = Math.round(red[c]! * part + blue[c]! * (1 - part)) + jitter
    }
  }
  return image
}

const box = (x: number, y: number) => (x >= 8 && x < 16 && y >= 5 && y < 15 ? 1 : 0)
const maskOf = (image: ReturnType<typeof picture>, tolerance = 12) => uniformBackgroundMask(image, tolerance, 'test')
const expected = (coverage: (x: number, y: number) => number) =>
  Array.from({ length: width * height }, (_, i) => 255 * coverage(i % width, Math.floor(i / width)))

test('a subject on a plain background, with and without noise', () => {
  expect([...maskOf(picture(box)).data]).toEqual(expected(box))
  const noisy = maskOf(picture(box, 4)).data
  expect([...noisy.map((value) => (value > 230 ? 255 : value))]).toEqual(expected(box))
})

test('a hole inside the subject stays filled, and a subject may touch a border', () => {
  const ring = (x: number, y: number) => (x === 12 && y === 10 ? 0 : box(x, y))
  expect(maskOf(picture(ring)).data[9 * width + 12]).toBe(255)
  const bust = (x: number, y: number) => (x >= 8 && x < 16 && y >= 5 ? 1 : 0)
  expect([...maskOf(picture(bust)).data]).toEqual(expected(bust))
})

test('mixed pixels at the edge become as opaque as they are', () => {
  const soft = (x: number, y: number) => (y >= 5 && y < 15 && (x === 7 || x === 16) ? 0.4 : box(x, y))
  const mask = maskOf(picture(soft))
  for (const x of [7, 16]) expect(Math.abs(mask.data[10 * width + x]! - 0.4 * 255)).toBeLessThanOrEqual(2)
  expect(mask.data[10 * width + 8]).toBe(255)
})

test('a background that is not plain is an error that says how far it is from it', () => {
  const stripes = picture((x) => (x % 5 < 2 ? 1 : 0))
  const fault = {
    code: 'nodes/background-not-uniform',
    userFault: true,
    message: expect.stringMatching(/got [56]\d %$/),
  }
  expect(() => maskOf(stripes)).toThrow(expect.objectContaining(fault))
  expect(() => maskOf(pattern(30, 30, 3))).toThrow(expect.objectContaining({ code: 'nodes/background-not-uniform' }))
})

test('a gradient passes with a tolerance that covers it', () => {
  const gradient = flat(width, height, [100, 100, 100])
  gradient.data.forEach((_, i) => {
    gradient.data[i] = 90 + Math.floor(Math.floor(i / 3) / width)
  })
  gradient.data.set([255, 0, 0], 3 * (10 * width + 12))
  expect(() => maskOf(gradient, 2)).toThrow()
  expect(maskOf(gradient, 12).data.filter((value) => value > 0).length).toBe(1)
})

test('nothing in front of the background is an error', () => {
  const fault = expect.objectContaining({ code: 'nodes/subject-missing', userFault: true })
  expect(() => maskOf(flat(5, 5, [1, 2, 3]))).toThrow(fault)
  expect(() => maskOf(flat(1, 1, [1, 2, 3]))).toThrow(fault)
})
