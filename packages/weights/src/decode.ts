// Floating-point formats of checkpoints → float32.
import { decodeBlocks } from './decode-blocks.js'
import { type DType, isBlockDType } from './dtype.js'
import { WeightsError } from './errors.js'

/** Decodes little-endian elements or blocks; `bytes` must be whole ones and start on a multiple of 8 in its buffer. */
export function decodeFloats(bytes: Uint8Array, dtype: DType, where: string): Float32Array {
  if (isBlockDType(dtype)) return decodeBlocks(bytes, dtype)
  const { buffer, byteOffset, byteLength } = bytes
  switch (dtype) {
    case 'F32':
      return new Float32Array(buffer, byteOffset, byteLength / 4)
    case 'F64':
      return Float32Array.from(new Float64Array(buffer, byteOffset, byteLength / 8))
    case 'BF16':
      return decodeBfloat16(new Uint16Array(buffer, byteOffset, byteLength / 2))
    case 'F16':
      return decodeByTable(new Uint16Array(buffer, byteOffset, byteLength / 2), tableOf('F16', 16, 5, 10))
    case 'F8_E4M3':
      return decodeByTable(bytes, tableOf('F8_E4M3', 8, 4, 3))
    case 'F8_E5M2':
      return decodeByTable(bytes, tableOf('F8_E5M2', 8, 5, 2))
    default:
      throw new WeightsError('weights/decode-unsupported', `${where}: expected a floating-point dtype, got ${dtype}`)
  }
}

/** bf16 is the upper half of a float32. */
function decodeBfloat16(halves: Uint16Array): Float32Array {
  const words = new Uint32Array(halves.length)
  for (let i = 0; i < halves.length; i++) words[i] = halves[i]! << 16
  return new Float32Array(words.buffer)
}

function decodeByTable(codes: Uint8Array | Uint16Array, table: Float32Array): Float32Array {
  const values = new Float32Array(codes.length)
  for (let i = 0; i < codes.length; i++) values[i] = table[codes[i]!]!
  return values
}

const tables = new Map<DType, Float32Array>()

/** Value of every code, computed once; 256 KB for F16. */
function tableOf(dtype: DType, bits: number, exponentBits: number, mantissaBits: number): Float32Array {
  let table = tables.get(dtype)
  if (!table) {
    table = Float32Array.from({ length: 2 ** bits }, (_, code) => decodeCode(code, exponentBits, mantissaBits, dtype))
    tables.set(dtype, table)
  }
  return table
}

function decodeCode(code: number, exponentBits: number, mantissaBits: number, dtype: DType): number {
  const mantissa = code & (2 ** mantissaBits - 1)
  const exponent = (code >> mantissaBits) & (2 ** exponentBits - 1)
  const sign = code >> (exponentBits + mantissaBits) ? -1 : 1
  const bias = 2 ** (exponentBits - 1) - 1
  const top = exponent === 2 ** exponentBits - 1
  // E4M3 here is the "fn" kind: no infinities, and only all ones is NaN (OCP 8-bit floating point, table 1).
  if (dtype === 'F8_E4M3') {
    if (top && mantissa === 7) return Number.NaN
  } else if (top) return mantissa ? Number.NaN : sign * Number.POSITIVE_INFINITY
  const fraction = mantissa / 2 ** mantissaBits
  return sign * (exponent === 0 ? fraction * 2 ** (1 - bias) : (1 + fraction) * 2 ** (exponent - bias))
}
