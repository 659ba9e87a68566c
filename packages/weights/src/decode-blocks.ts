// Block formats of GGUF → float32. Formulas: ggml's dequantize_row_* (ggml-quants.c); numbers in a block share a scale d,
// some also an offset, and "K" blocks of 256 are eight or sixteen small ones whose own scales are integers.
import { type BlockDType, blockOf } from './dtype.js'

/** Writes the numbers of the block at byte `at` to `out` from index `to` on. */
type Decode = (block: DataView, at: number, out: Float32Array, to: number) => void

/** Decodes whole blocks, one behind the other. */
export function decodeBlocks(bytes: Uint8Array, dtype: BlockDType): Float32Array {
  const { length, sizeBytes } = blockOf(dtype)
  const count = bytes.byteLength / sizeBytes
  const values = new Float32Array(count * length)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const decode = decoders[dtype]
  for (let i = 0; i < count; i++) decode(view, i * sizeBytes, values, i * length)
  return values
}

/** 32 numbers of 4 or 5 bits: low nibbles are the first half. d [, m] [, fifth bits] nibbles. */
function small({ hasMin, isFive }: { hasMin: boolean; isFive: boolean }): Decode {
  const middle = hasMin ? 0 : isFive ? 16 : 8
  const high = hasMin ? 4 : 2
  const nibbles = high + (isFive ? 4 : 0)
  return (block, at, out, to) => {
    const d = half(block, at)
    const m = hasMin ? half(block, at + 2) : 0
    const fifth = isFive ? block.getUint32(at + high, true) : 0
    for (let i = 0; i < 16; i++) {
      const byte = block.getUint8(at + nibbles + i)
      const low = (byte & 15) | (((fifth >>> i) & 1) << 4)
      const upper = (byte >> 4) | (((fifth >>> (i + 16)) & 1) << 4)
      out[to + i] = (low - middle) * d + m
      out[to + 16 + i] = (upper - middle) * d + m
    }
  }
}

const q8: Decode = (block, at, out, to) => {
  const d = half(block, at)
  for (let i = 0; i < 32; i++) out[to + i] = block.getInt8(at + 2 + i) * d
}

/** 256 numbers: d, dmin, eight 6-bit scales and offsets in 12 bytes [, fifth bits], nibbles in runs of 32 bytes. */
function large({ isFive }: { isFive: boolean }): Decode {
  const nibbles = 16 + (isFive ? 32 : 0)
  return (block, at, out, to) => {
    const [d, dmin] = [half(block, at), half(block, at + 2)]
    for (let part = 0; part < 8; part++) {
      const { scale, min } = scaleAndMin(block, at + 4, part)
      const [factor, offset] = [Math.fround(d * scale), Math.fround(dmin * min)]
      // Parts 2j and 2j + 1 are the low and the high nibbles of the same 32 bytes.
      const [from, shift] = [at + nibbles + 32 * (part >> 1), 4 * (part & 1)]
      for (let i = 0; i < 32; i++) {
        const fifth = isFive ? (block.getUint8(at + 16 + i) >> part) & 1 : 0
        const q = ((block.getUint8(from + i) >> shift) & 15) | (fifth << 4)
        out[to + 32 * part + i] = factor * q - offset
      }
    }
  }
}

/** The first four scales and offsets are the low six bits of bytes 0–3 and 4–7; their top two bits belong to the others. */
function scaleAndMin(block: DataView, at: number, part: number): { scale: number; min: number } {
  const byte = (i: number): number => block.getUint8(at + i)
  if (part < 4) return { scale: byte(part) & 63, min: byte(part + 4) & 63 }
  return {
    scale: (byte(part + 4) & 15) | ((byte(part - 4) >> 6) << 4),
    min: (byte(part + 4) >> 4) | ((byte(part) >> 6) << 4),
  }
}

/** 256 numbers of 6 bits: 128 bytes of nibbles, 64 of upper bits, 16 signed scales, d. Two halves of 128 numbers. */
const q6k: Decode = (block, at, out, to) => {
  const d = half(block, at + 208)
  for (let i = 0; i < 256; i++) {
    const [side, within] = [i >> 7, i & 127]
    const [quarter, l] = [within >> 5, within & 31]
    const nibble = block.getUint8(at + 64 * side + 32 * (quarter & 1) + l) >> (4 * (quarter >> 1))
    const upper = block.getUint8(at + 128 + 32 * side + l) >> (2 * quarter)
    const q = ((nibble & 15) | ((upper & 3) << 4)) - 32
    out[to + i] = d * block.getInt8(at + 192 + (i >> 4)) * q
  }
}

const decoders: Readonly<Record<BlockDType, Decode>> = {
  Q4_0: small({ hasMin: false, isFive: false }),
  Q4_1: small({ hasMin: true, isFive: false }),
  Q5_0: small({ hasMin: false, isFive: true }),
  Q5_1: small({ hasMin: true, isFive: true }),
  Q8_0: q8,
  Q4_K: large({ isFive: false }),
  Q5_K: large({ isFive: true }),
  Q6_K: q6k,
}

/** A float16 of the file. */
export function half(view: DataView, at: number): number {
  const code = view.getUint16(at, true)
  const [exponent, mantissa] = [(code >> 10) & 31, code & 1023]
  const sign = code & 0x8000 ? -1 : 1
  if (exponent === 31) return mantissa ? Number.NaN : sign * Number.POSITIVE_INFINITY
  return sign * (exponent === 0 ? mantissa * 2 ** -24 : (1 + mantissa / 1024) * 2 ** (exponent - 15))
}
