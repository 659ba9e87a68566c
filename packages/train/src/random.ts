// Random numbers of a step. They depend on seed and step alone, so a resumed run draws what an unbroken one would have.

/** Uniform numbers in [0, 1). */
export type Rng = () => number

const mask = 2n ** 64n - 1n

/** A 64-bit seed for one purpose of one step: SplitMix64 of seed and counters (Steele, Lea and Flood, 2014). */
export function stepSeed(seed: bigint, ...counters: readonly number[]): bigint {
  return counters.reduce((state, counter) => mix((state + (BigInt(counter) + 1n) * 0x9e3779b97f4a7c15n) & mask), seed)
}

function mix(state: bigint): bigint {
  let z = state
  z = ((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n) & mask
  z = ((z ^ (z >> 27n)) * 0x94d049bb133111ebn) & mask
  return z ^ (z >> 31n)
}

/** Numbers for choosing data: mulberry32 from a 64-bit seed, 32 bits of each value are random. */
export function rngOf(seed: bigint): Rng {
  let state = Number((seed ^ (seed >> 32n)) & 0xffffffffn)
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let z = Math.imul(state ^ (state >>> 15), state | 1)
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61)
    return ((z ^ (z >>> 14)) >>> 0) / 2 ** 32
  }
}

/** One of the keys, each as likely as its weight among all. */
export function choose<K extends string>(weights: Readonly<Record<K, number>>, rng: Rng): K {
  const entries = Object.entries(weights) as [K, number][]
  let left = rng() * entries.reduce((sum, [, weight]) => sum + weight, 0)
  const chosen = entries.find(([, weight]) => {
    left -= weight
    return left < 0
  })
  return (chosen ?? entries[entries.length - 1])[0]
}
