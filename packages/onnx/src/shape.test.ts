import { describe, expect, test } from 'vitest'
import { axisOf, broadcastShapes, matmulShape, type Shape, sizeOf } from './shape.js'

describe('[S2] shapes broadcast from the last axis on', () => {
  const cases: [shapes: Shape[], want: Shape][] = [
    [
      [
        [2, 3],
        [2, 3],
      ],
      [2, 3],
    ],
    [
      [[2, 3], [3]],
      [2, 3],
    ],
    [
      [
        [2, 1],
        [1, 3],
      ],
      [2, 3],
    ],
    [[[], [4]], [4]],
    [[[], []], []],
    [
      [[1], [1, 1, 5], [7, 1, 1]],
      [7, 1, 5],
    ],
  ]
  test.each(cases)('%j → %j', (shapes, want) => {
    expect(broadcastShapes('x', ...shapes)).toEqual(want)
  })

  test.each([[[[2], [3]]], [[[2, 3], [2]]], [[[1, 2], [3], [2, 2]]]])('%j do not fit', (shapes) => {
    expect(() => broadcastShapes('x', ...shapes)).toThrow(expect.objectContaining({ code: 'onnx/shape' }))
  })
})

test('[S2] products join the last two axes and broadcast the others', () => {
  expect(matmulShape('x', [2, 3], [3, 4])).toEqual([2, 4])
  expect(matmulShape('x', [5, 1, 2, 3], [6, 3, 4])).toEqual([5, 6, 2, 4])
  for (const [a, b] of [
    [[3], [3, 2]],
    [
      [2, 3],
      [2, 3],
    ],
    [
      [2, 2, 3],
      [3, 3, 4],
    ],
  ]) {
    expect(() => matmulShape('x', a, b)).toThrow(expect.objectContaining({ code: 'onnx/shape' }))
  }
})

test('[S3] an axis may count from the end', () => {
  expect([0, 2, -1, -3].map((axis) => axisOf('x', axis, 3))).toEqual([0, 2, 2, 0])
  for (const axis of [3, -4, 0.5, Number.NaN]) {
    expect(() => axisOf('x', axis, 3)).toThrow(expect.objectContaining({ code: 'onnx/attribute' }))
  }
})

test('a scalar has one element', () => {
  expect(sizeOf([])).toBe(1)
  expect(sizeOf([2, 3, 4])).toBe(24)
})
