// float32 → the floating-point formats of checkpoints, rounding to nearest, ties to even.
import type { DType } from './dtype.js'
import { WeightsError } from './errors.js'

/**
 * Little-endian bytes of `values` as F64, F32, BF16, F16, F8_E5M2 or F8_E4M3. Values beyond the range become infinite;
 * F8_E4M3, which has no infinity, saturates at ±448.
 */
export function encodeFloats(values: Float32Array, dtype: DType, where: string): Uint8Array {
  switch (dtype) {
    case 'F32':
      return new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
    case 'F64':
      return new Uint8Array(Float64Array.from(values).buffer)
    case 'BF16':
      return encodeBfloat16(values)
    case 'F16':
      return new Uint8Array(Uint16Array.from(values, (value) => encodeValue(value, 5, 10, 0x7c00, 0x7e00)).buffer)
    case 'F8_E5M2':
      return Uint8Array.from(values, (value) => encodeValue(value, 5, 2, 0x7c, 0x7f))
    case 'F8_E4M3':
      return Uint8Array.from(values, (value) => encodeValue(value, 4, 3, 0x7e, 0x7f))
    default:
      throw new WeightsError('weights/write-invalid', `${where}: expected a floating-point dtype, got ${dtype}`)
  }
}

/** Adds just under half of the dropped half, one more when the kept half is odd. */
function encodeBfloat16(values: Float32Array): Uint8Array {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length)
  const halves = new Uint16Array(values.length)
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!
    const isNan = (word & 0x7fffffff) > 0x7f800000
    halves[i] = isNan ? (word >>> 16) | 0x40 : (word + 0x7fff + ((word >>> 16) & 1)) >>> 16
  }
  return new Uint8Array(halves.buffer)
}

/** `overflow` and `nan` are codes without sign; no larger value has a code of its own. */
function encodeValue(value: number, exponentBits: number, mantissaBits: number, overflow: number, nan: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 1 << (exponentBits + mantissaBits) : 0
  if (Number.isNaN(value)) return nan
  const size = Math.abs(value)
  if (size === Number.POSITIVE_INFINITY) return sign | overflow
  const bias = 2 ** (exponentBits - 1) - 1
  const exponent = Math.max(exponentOf(size), 1 - bias)
  // Powers of two divide exactly, so the only rounding is this one. A carry into the exponent is the right code as well.
  const mantissa = roundHalfEven(size / 2 ** (exponent - mantissaBits))
  const isNormal = mantissa >= 2 ** mantissaBits
  const code = isNormal ? mantissa + (exponent + bias - 1) * 2 ** mantissaBits : mantissa
  return sign | Math.min(code, overflow)
}

const scratch = new DataView(new ArrayBuffer(4))

/** floor(log2(size)) of a float32, exactly; below the smallest normal number, that number's. */
function exponentOf(size: number): number {
  scratch.setFloat32(0, size)
  return Math.max(scratch.getUint32(0) >>> 23, 1) - 127
}

function roundHalfEven(value: number): number {
  const below = Math.floor(value)
  const rest = value - below
  return below + (rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? 1 : 0)
}
