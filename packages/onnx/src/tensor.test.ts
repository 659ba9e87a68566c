import { describe, expect, test } from 'vitest'
import { bytesOf, dtypes } from './dtype.js'
import { constant, constantInt64, input, weight } from './tensor.js'

const part = (sizeBytes: number, offset = 0, file = '/models/a.safetensors') => ({ file, offset, sizeBytes })
const code = (name: string) => expect.objectContaining({ name: 'OnnxError', code: `onnx/${name}` })

test('[N1] a public name is not empty and does not start with %', () => {
  for (const name of ['', '%', '%0']) {
    expect(() => input(name, [1])).toThrow(code('name'))
    expect(() => weight(name, 'float32', [1], [part(4)])).toThrow(code('name'))
  }
  expect(input('a.%b/c d', [1]).source).toEqual({ kind: 'input', name: 'a.%b/c d' })
})

test('[S1] dimensions are whole and positive', () => {
  for (const shape of [[0], [-1, -1], [1.5], [Number.NaN], [2 ** 53]]) {
    expect(() => input('x', shape)).toThrow(code('shape'))
    expect(() => weight('w', 'float32', shape, [part(4)])).toThrow(code('shape'))
    expect(() => constant(0, shape)).toThrow(code('shape'))
    expect(() => constantInt64([0], shape)).toThrow(code('shape'))
  }
})

describe('[W1] the parts of a weight hold exactly its bytes', () => {
  test.each(dtypes)('%s', (dtype) => {
    const sizeBytes = 6 * bytesOf(dtype)
    expect(weight('w', dtype, [2, 3], [part(sizeBytes)])).toMatchObject({ dtype, shape: [2, 3] })
    expect(() => weight('w', dtype, [2, 3], [part(sizeBytes + 1)])).toThrow(code('weight-range'))
  })

  test('a scalar is one element', () => {
    expect(weight('w', 'float32', [], [part(4)]).shape).toEqual([])
  })

  test.each([
    ['no part', []],
    ['a negative offset', [part(24, -1)]],
    ['a fractional offset', [part(24, 0.5)]],
    ['an empty part', [part(24), part(0)]],
    ['an offset beyond what a double holds', [part(24, 2 ** 53)]],
  ])('refuses %s', (_, parts) => {
    expect(() => weight('w', 'float32', [2, 3], parts)).toThrow(code('weight-range'))
  })
})

test('[W2] parts are whole rows', () => {
  const rows = (...counts: number[]) => counts.map((count, i) => part(count * 12, 0, `/models/${i}`))
  expect(weight('w', 'float32', [4, 3], rows(1, 3)).source).toMatchObject({ kind: 'weight', parts: { length: 2 } })
  expect(() => weight('w', 'float32', [4, 3], [part(8), part(40)])).toThrow(
    'w: expected parts of whole rows of 12 bytes, got a part of 8',
  )
})

test('constants hold their values as ONNX wants them: raw, little-endian', () => {
  expect(constant(1).source).toEqual({ kind: 'constant', bytes: Uint8Array.of(0, 0, 128, 63) })
  expect(constant([1, 2], [2, 1])).toMatchObject({ dtype: 'float32', shape: [2, 1] })
  expect(constantInt64([-1, 2 ** 40])).toMatchObject({ dtype: 'int64', shape: [2] })
  expect(() => constant([1, 2], [3])).toThrow(code('shape'))
  expect(() => constantInt64([])).toThrow(code('shape'))
  expect(() => constantInt64([0.5])).toThrow(code('attribute'))
})
