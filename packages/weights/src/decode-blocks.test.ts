// Every block format against the loops of ggml's reference, written here as ggml has them.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeFloats } from './decode.js'
import { decodeBlocks } from './decode-blocks.js'
import { type BlockDType, blockOf } from './dtype.js'
import { encodeFloats } from './encode.js'

const halfOf = (block: Uint8Array, at: number): number => decodeFloats(block.slice(at, at + 2), 'F16', 'test')[0]!
const signed = (byte: number): number => (byte << 24) >> 24
const word = (block: Uint8Array, at: number): number => new DataView(block.buffer).getUint32(at, true)

/** get_scale_min_k4 */
function scaleMin(j: number, q: Uint8Array): [number, number] {
  if (j < 4) return [q[j]! & 63, q[j + 4]! & 63]
  return [(q[j + 4]! & 0xf) | ((q[j - 4]! >> 6) << 4), (q[j + 4]! >> 4) | ((q[j]! >> 6) << 4)]
}

const references: Record<BlockDType, (x: Uint8Array) => number[]> = {
  Q4_0(x) {
    const y = Array<number>(32)
    for (let j = 0; j < 16; ++j) {
      y[j] = ((x[2 + j]! & 0x0f) - 8) * halfOf(x, 0)
      y[j + 16] = ((x[2 + j]! >> 4) - 8) * halfOf(x, 0)
    }
    return y
  },
  Q4_1(x) {
    const y = Array<number>(32)
    for (let j = 0; j < 16; ++j) {
      y[j] = (x[4 + j]! & 0x0f) * halfOf(x, 0) + halfOf(x, 2)
      y[j + 16] = (x[4 + j]! >> 4) * halfOf(x, 0) + halfOf(x, 2)
    }
    return y
  },
  Q5_0(x) {
    const y = Array<number>(32)
    const qh = word(x, 2)
    for (let j = 0; j < 16; ++j) {
      const xh0 = ((qh >>> j) << 4) & 0x10
      const xh1 = (qh >>> (j + 12)) & 0x10
      y[j] = (((x[6 + j]! & 0x0f) | xh0) - 16) * halfOf(x, 0)
      y[j + 16] = (((x[6 + j]! >> 4) | xh1) - 16) * halfOf(x, 0)
    }
    return y
  },
  Q5_1(x) {
    const y = Array<number>(32)
    const qh = word(x, 4)
    for (let j = 0; j < 16; ++j) {
      const xh0 = ((qh >>> j) << 4) & 0x10
      const xh1 = (qh >>> (j + 12)) & 0x10
      y[j] = ((x[8 + j]! & 0x0f) | xh0) * halfOf(x, 0) + halfOf(x, 2)
      y[j + 16] = ((x[8 + j]! >> 4) | xh1) * halfOf(x, 0) + halfOf(x, 2)
    }
    return y
  },
  Q8_0: (x) => Array.from({ length: 32 }, (_, j) => signed(x[2 + j]!) * halfOf(x, 0)),
  Q4_K(x) {
    const y: number[] = []
    const [d, min, scales] = [halfOf(x, 0), halfOf(x, 2), x.subarray(4, 16)]
    let q = x.subarray(16)
    for (let is = 0, j = 0; j < 256; j += 64, is += 2) {
      const [sc1, m1] = scaleMin(is, scales)
      const [sc2, m2] = scaleMin(is + 1, scales)
      for (let l = 0; l < 32; ++l) y.push(d * sc1 * (q[l]! & 0xf) - min * m1)
      for (let l = 0; l < 32; ++l) y.push(d * sc2 * (q[l]! >> 4) - min * m2)
      q = q.subarray(32)
    }
    return y
  },
  Q5_K(x) {
    const y: number[] = []
    const [d, min, scales, qh] = [halfOf(x, 0), halfOf(x, 2), x.subarray(4, 16), x.subarray(16, 48)]
    let ql = x.subarray(48)
    let [u1, u2] = [1, 2]
    for (let is = 0, j = 0; j < 256; j += 64, is += 2) {
      const [sc1, m1] = scaleMin(is, scales)
      const [sc2, m2] = scaleMin(is + 1, scales)
      for (let l = 0; l < 32; ++l) y.push(d * sc1 * ((ql[l]! & 0xf) + (qh[l]! & u1 ? 16 : 0)) - min * m1)
      for (let l = 0; l < 32; ++l) y.push(d * sc2 * ((ql[l]! >> 4) + (qh[l]! & u2 ? 16 : 0)) - min * m2)
      ql = ql.subarray(32)
      u1 <<= 2
      u2 <<= 2
    }
    return y
  },
  Q6_K(x) {
    const y = Array<number>(256)
    const d = halfOf(x, 208)
    let [ql, qh, sc] = [x.subarray(0, 128), x.subarray(128, 192), x.subarray(192, 208)]
    for (let n = 0; n < 256; n += 128) {
      for (let l = 0; l < 32; ++l) {
        const is = l >> 4
        const q1 = ((ql[l]! & 0xf) | (((qh[l]! >> 0) & 3) << 4)) - 32
        const q2 = ((ql[l + 32]! & 0xf) | (((qh[l]! >> 2) & 3) << 4)) - 32
        const q3 = ((ql[l]! >> 4) | (((qh[l]! >> 4) & 3) << 4)) - 32
        const q4 = ((ql[l + 32]! >> 4) | (((qh[l]! >> 6) & 3) << 4)) - 32
        y[n + l] = d * signed(sc[is]!) * q1
        y[n + l + 32] = d * signed(sc[is + 2]!) * q2
        y[n + l + 64] = d * signed(sc[is + 4]!) * q3
        y[n + l + 96] = d * signed(sc[is + 6]!) * q4
      }
      ql = ql.subarray(64)
      qh = qh.subarray(32)
      sc = sc.subarray(8)
    }
    return y
  },
}

/** Where a block keeps its float16 scales. Any bytes are a valid block but for those that are no number. */
const scalesAt: Record<BlockDType, readonly number[]> = {
  Q4_0: [0],
  Q4_1: [0, 2],
  Q5_0: [0],
  Q5_1: [0, 2],
  Q8_0: [0],
  Q4_K: [0, 2],
  Q5_K: [0, 2],
  Q6_K: [208],
}

test.each(Object.keys(references) as BlockDType[])('%s decodes as ggml does', (dtype) => {
  const { length, sizeBytes } = blockOf(dtype)
  const block = fc.tuple(
    fc.uint8Array({ minLength: sizeBytes, maxLength: sizeBytes }),
    fc.array(fc.float({ min: -8, max: 8, noNaN: true }), { minLength: 2, maxLength: 2 }),
  )
  fc.assert(
    fc.property(fc.array(block, { minLength: 1, maxLength: 3 }), (drawn) => {
      const blocks = drawn.map(([bytes, scales]) => {
        const whole = Uint8Array.from(bytes)
        scalesAt[dtype].forEach((at, i) => {
          whole.set(encodeFloats(Float32Array.of(scales[i]!), 'F16', 'test'), at)
        })
        return whole
      })
      const values = decodeBlocks(Uint8Array.from(blocks.flatMap((bytes) => [...bytes])), dtype)
      expect(values).toHaveLength(length * blocks.length)
      const expected = blocks.flatMap((bytes) => references[dtype](bytes))
      expected.forEach((value, i) => {
        // ggml rounds to float32 between product and offset, we once at the end.
        expect(Math.abs(values[i]! - value)).toBeLessThanOrEqual(1e-6 * Math.max(1, Math.abs(value)) * 64)
      })
    }),
    { seed: 5, numRuns: 60 },
  )
})
