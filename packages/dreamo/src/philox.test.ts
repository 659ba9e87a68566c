import fc from 'fast-check'
import { expect, test } from 'vitest'
import { philox } from './philox.js'

const ones = 0xffffffff

// The vectors published with Random123 (tests/kat_vectors, philox4x32 10).
test.each([
  [
    [0, 0, 0, 0],
    [0, 0],
    [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
  ],
  [
    [ones, ones, ones, ones],
    [ones, ones],
    [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
  ],
  [
    [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
    [0xa4093822, 0x299f31d0],
    [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
  ],
] as [[number, number, number, number], [number, number], number[]][])('known answer %#', (counter, key, words) => {
  expect(philox(counter, key)).toEqual(words)
})

test('every word agrees with the same generator in big integers', () => {
  const word = fc.nat(ones)
  const inputs = fc.tuple(fc.tuple(word, word, word, word), fc.tuple(word, word))
  fc.assert(
    fc.property(inputs, ([counter, key]) => {
      expect(philox(counter, key)).toEqual(philoxInBigInts(counter.map(BigInt), key.map(BigInt)))
    }),
    { seed: 4, numRuns: 200 },
  )
})

function philoxInBigInts(counter: bigint[], key: bigint[]): number[] {
  const mask = 0xffffffffn
  let [c0, c1, c2, c3] = counter as [bigint, bigint, bigint, bigint]
  let [k0, k1] = key as [bigint, bigint]
  for (let round = 0; round < 10; round++) {
    const p0 = 0xd2511f53n * c0
    const p1 = 0xcd9e8d57n * c2
    ;[c0, c1, c2, c3] = [(p1 >> 32n) ^ c1 ^ k0, p1 & mask, (p0 >> 32n) ^ c3 ^ k1, p0 & mask]
    k0 = (k0 + 0x9e3779b9n) & mask
    k1 = (k1 + 0xbb67ae85n) & mask
  }
  return [c0, c1, c2, c3].map(Number)
}
