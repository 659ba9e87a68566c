/**
 * Philox4x32-10, a counter-based generator: random words are a pure function of (counter, key), so any part of any
 * stream can be computed alone. Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
 */

type Words4 = [number, number, number, number]
type Words2 = [number, number]

const ROUNDS = 10
const MULTIPLIER_0 = 0xd2511f53
const MULTIPLIER_1 = 0xcd9e8d57
/** The golden ratio and √3 - 1, as 32-bit fractions: what the key grows by each round. */
const WEYL_0 = 0x9e3779b9
const WEYL_1 = 0xbb67ae85

/** Four random 32-bit words (0 … 2^32 - 1) for a 128-bit counter and a 64-bit key, low words first. */
export function philox(counter: Readonly<Words4>, key: Readonly<Words2>): Words4 {
  let [c0, c1, c2, c3] = counter
  let [k0, k1] = key
  for (let round = 0; round < ROUNDS; round++) {
    const high0 = multiplyHigh(MULTIPLIER_0, c0)
    const low0 = Math.imul(MULTIPLIER_0, c0)
    const high1 = multiplyHigh(MULTIPLIER_1, c2)
    const low1 = Math.imul(MULTIPLIER_1, c2)
    c0 = (high1 ^ c1 ^ k0) >>> 0
    c1 = low1 >>> 0
    c2 = (high0 ^ c3 ^ k1) >>> 0
    c3 = low0 >>> 0
    k0 = (k0 + WEYL_0) >>> 0
    k1 = (k1 + WEYL_1) >>> 0
  }
  return [c0, c1, c2, c3]
}

/** Upper 32 bits of the product of two unsigned 32-bit numbers, by 16-bit halves: no step leaves float64's 53 bits. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff
  const aHigh = a >>> 16
  const bLow = b & 0xffff
  const bHigh = b >>> 16
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16)
  const carry = (middle % 0x10000) + aLow * bHigh
  return aHigh * bHigh + Math.floor(middle / 0x10000) + Math.floor(carry / 0x10000)
}
