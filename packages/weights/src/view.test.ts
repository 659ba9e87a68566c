import { expect, test } from 'vitest'
import { concatRows, reshape, rows, type WeightView } from './view.js'

const view: WeightView = {
  name: 'qkv',
  dtype: 'BF16',
  shape: [6, 5],
  parts: [{ file: '/a', offset: 100, sizeBytes: 60 }],
}

test('rows are a byte range', () => {
  expect(rows(view, 2, 4)).toEqual({ ...view, shape: [2, 5], parts: [{ file: '/a', offset: 120, sizeBytes: 20 }] })
  expect(rows(view, 3, 3)).toMatchObject({ shape: [0, 5], parts: [] })
})

test('rows across parts, and joined again, are the tensor as it was', () => {
  const swapped = concatRows([rows(view, 3, 6), rows(view, 0, 3)])
  expect(swapped.parts).toEqual([
    { file: '/a', offset: 130, sizeBytes: 30 },
    { file: '/a', offset: 100, sizeBytes: 30 },
  ])
  expect(rows(swapped, 2, 4).parts).toEqual([
    { file: '/a', offset: 150, sizeBytes: 10 },
    { file: '/a', offset: 100, sizeBytes: 10 },
  ])
  expect(concatRows([rows(swapped, 3, 6), rows(swapped, 0, 3)])).toEqual(view)
})

test('reshape keeps the bytes', () => {
  expect(reshape(view, [3, 2, 5])).toEqual({ ...view, shape: [3, 2, 5] })
  expect(rows(reshape(view, [3, 10]), 1, 2).parts).toEqual([{ file: '/a', offset: 120, sizeBytes: 20 }])
})

test('the impossible is a typed error', () => {
  const code = 'weights/view-invalid'
  for (const act of [
    () => rows(view, 0, 7),
    () => rows(view, -1, 2),
    () => rows(view, 3, 2),
    () => rows(view, 0, 1.5),
    () => rows({ ...view, shape: [] }, 0, 1),
    () => reshape(view, [7, 5]),
    () => concatRows([view, { ...view, shape: [5, 6] }]),
    () => concatRows([view, { ...view, dtype: 'F16' }]),
    () => concatRows([view, { ...view, scale: 2 }]),
  ])
    expect(act).toThrowError(expect.objectContaining({ code }))
})
