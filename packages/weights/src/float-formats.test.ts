import { expect, test } from 'vitest'
import { decodeFloats } from './decode.js'
import type { DType } from './dtype.js'
import { encodeFloats } from './encode.js'

const encodeOne = (value: number, dtype: DType): number => {
  const bytes = encodeFloats(new Float32Array([value]), dtype, 'test')
  return bytes.byteLength === 2 ? new DataView(bytes.buffer).getUint16(0, true) : bytes[0]!
}

test.each<[DType, number]>([
  ['F16', 2 ** 16],
  ['BF16', 2 ** 16],
  ['F8_E4M3', 256],
  ['F8_E5M2', 256],
])('%s: every code survives decoding and encoding', (dtype, codes) => {
  const bytes =
    codes === 256
      ? Uint8Array.from({ length: 256 }, (_, code) => code)
      : new Uint8Array(Uint16Array.from({ length: codes }, (_, code) => code).buffer)
  const values = decodeFloats(bytes, dtype, 'test')
  const again = decodeFloats(encodeFloats(values, dtype, 'test'), dtype, 'test')
  for (let code = 0; code < codes; code++) expect(Object.is(again[code], values[code])).toBe(true)
})

// Values as PyTorch rounds them.
test.each<[DType, number, number]>([
  ['F16', 1, 0x3c00],
  ['F16', -2.5, 0xc100],
  ['F16', 65504, 0x7bff],
  ['F16', 65519.996, 0x7bff],
  ['F16', 65520, 0x7c00],
  ['F16', 1 + 2 ** -11, 0x3c00],
  ['F16', 1 + 3 * 2 ** -11, 0x3c02],
  ['F16', 2 ** -24, 0x0001],
  ['F16', 2 ** -25, 0x0000],
  ['F16', 1.5 * 2 ** -25, 0x0001],
  ['F16', 2 ** -14 - 2 ** -25, 0x0400],
  ['F16', Number.NEGATIVE_INFINITY, 0xfc00],
  ['BF16', 1 + 2 ** -8, 0x3f80],
  ['BF16', 1 + 3 * 2 ** -8, 0x3f82],
  ['BF16', 3.4e38, 0x7f80],
  ['BF16', -0, 0x8000],
  ['F8_E4M3', 448, 0x7e],
  ['F8_E4M3', 464, 0x7e],
  ['F8_E4M3', 1e9, 0x7e],
  ['F8_E4M3', Number.NaN, 0x7f],
  ['F8_E4M3', 2 ** -9, 0x01],
  ['F8_E4M3', 2 ** -10, 0x00],
  ['F8_E4M3', -1.0625, 0xb8],
  ['F8_E5M2', 57344, 0x7b],
  ['F8_E5M2', 61440, 0x7c],
  ['F8_E5M2', 0.1, 0x2e],
])('%s of %d', (dtype, value, code) => {
  expect(encodeOne(value, dtype)).toBe(code)
})

test('integers are not decoded as floats', () => {
  expect(() => decodeFloats(new Uint8Array(4), 'I32', 'x')).toThrow(/expected a floating-point dtype/)
})
