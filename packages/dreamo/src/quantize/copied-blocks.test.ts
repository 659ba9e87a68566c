import { type BlockDType, decodeFloats } from '@dreamgraph/weights'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { copiedQ4, copiedQ8 } from './copied-blocks.js'

/** Blocks of any bytes under scales of 2^-4 to 2^3, which float16 holds. */
const blocksOf = (sizeBytes: number) =>
  fc
    .array(fc.tuple(fc.uint8Array({ minLength: sizeBytes, maxLength: sizeBytes }), fc.integer({ min: 11, max: 18 })), {
      minLength: 1,
      maxLength: 3,
    })
    .map((blocks) => Uint8Array.from(blocks.flatMap(([bytes, exponent]) => [0, exponent << 2, ...bytes.subarray(2)])))

test.each<[BlockDType, number, (bytes: Uint8Array) => ReturnType<typeof copiedQ8>, 4 | 8]>([
  ['Q8_0', 34, copiedQ8, 8],
  ['Q4_0', 18, copiedQ4, 4],
])('%s laid out anew holds the same numbers', (dtype, sizeBytes, copy, bits) => {
  fc.assert(
    fc.property(blocksOf(sizeBytes), (bytes) => {
      const { values, scales } = copy(bytes)
      const stored = bits === 8 ? [...values] : [...values].flatMap((byte) => [byte & 15, byte >> 4])
      const numbers = stored.map((value, i) => (value - 2 ** (bits - 1)) * scales[Math.floor(i / 32)]!)
      expect(numbers).toEqual([...decodeFloats(bytes, dtype, 'test')])
    }),
    { seed: 3, numRuns: 50 },
  )
})
