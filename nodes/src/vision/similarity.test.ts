import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { flat, pattern, pixelAt } from '../testing/pictures.js'
import { alignFace, centralFace, faceTemplate } from './align-face.js'
import { estimateSimilarity, invert, type Point, transform, warp } from './similarity.js'

describe('estimate', () => {
  const double = fc.double({ min: -100, max: 100, noNaN: true })

  test('a known turn, scale and shift is found', () => {
    const angle = fc.double({ min: -Math.PI, max: Math.PI, noNaN: true })
    const scale = fc.double({ min: 0.05, max: 20, noNaN: true })
    fc.assert(
      fc.property(angle, scale, double, double, (turn, size, tx, ty) => {
        const known = { a: size * Math.cos(turn), b: size * Math.sin(turn), tx, ty }
        const found = estimateSimilarity(
          faceTemplate,
          faceTemplate.map((point) => transform(known, point)),
        )!
        expect(found.a).toBeCloseTo(known.a, 9)
        expect(found.b).toBeCloseTo(known.b, 9)
        expect(found.tx).toBeCloseTo(tx, 6)
        expect(found.ty).toBeCloseTo(ty, 6)
      }),
      { seed: 20264, numRuns: 200 },
    )
  })

  test('one landmark that is far off does not count', () => {
    const known = { a: 2, b: 1, tx: 3, ty: 4 }
    const seen = faceTemplate.map((point, i): Point => (i === 2 ? [0, 900] : transform(known, point)))
    const found = estimateSimilarity(faceTemplate, seen)!
    for (const key of ['a', 'b', 'tx', 'ty'] as const) expect(found[key]).toBeCloseTo(known[key], 6)
  })

  test('landmarks in one point have no similarity', () => {
    expect(estimateSimilarity(Array(5).fill([7, 7]), faceTemplate)).toBeUndefined()
    expect(alignFace(flat(9, 9, [1, 2, 3]), Array(5).fill([7, 7]))).toBeUndefined()
  })

  test('forth and back is where one was', () => {
    const there = { a: 0.3, b: -1.2, tx: 55, ty: -7 }
    const [x, y] = transform(invert(there), transform(there, [12, 34]))
    expect(x).toBeCloseTo(12, 10)
    expect(y).toBeCloseTo(34, 10)
  })
})

describe('warp', () => {
  const image = pattern(6, 5, 3)
  const options = { side: 8, border: [9, 8, 7] } as const

  test('a shift by whole pixels copies them; beyond is the border', () => {
    const moved = warp(image, { a: 1, b: 0, tx: 1, ty: 2 }, options)
    for (let y = 0; y < 5; y++) {
      for (let x = 0; x < 6; x++) expect(pixelAt(moved, x + 1, y + 2)).toEqual(pixelAt(image, x, y))
    }
    expect(pixelAt(moved, 0, 0)).toEqual([9, 8, 7])
    expect(pixelAt(moved, 7, 7)).toEqual([9, 8, 7])
  })

  test('a quarter turn moves pixels to where the formula says', () => {
    const turned = warp(image, { a: 0, b: 1, tx: 4, ty: 0 }, options)
    for (const [x, y] of [
      [0, 0],
      [5, 0],
      [2, 4],
      [3, 1],
    ] as const) {
      expect(pixelAt(turned, 4 - y, x)).toEqual(pixelAt(image, x, y))
    }
  })

  test('half a pixel is the mean of two', () => {
    const moved = warp(image, { a: 1, b: 0, tx: 0.5, ty: 0 }, options)
    const mean = pixelAt(image, 1, 1).map((value, c) => Math.round((value + pixelAt(image, 2, 1)[c]!) / 2))
    expect(pixelAt(moved, 2, 1)).toEqual(mean)
  })
})

test('a face that stands as the template does is copied', () => {
  const image = pattern(512, 512, 3)
  expect(Buffer.compare(alignFace(image, faceTemplate)!.data, image.data)).toBe(0)
})

test('the face nearest to the middle is taken', () => {
  const face = (left: number, score: number) => ({ score, box: [left, 40, left + 10, 60] as const, landmarks: [] })
  const faces = [face(0, 0.99), face(44, 0.6), face(80, 0.9)]
  expect(centralFace(flat(100, 100, [0, 0, 0]), faces)?.score).toBe(0.6)
  expect(centralFace(flat(100, 100, [0, 0, 0]), [])).toBeUndefined()
})
