// Seeded numbers for weights: the same in every run, and quick, because there are hundreds of millions of them.

/** `count` values, uniform in [-bound, bound). Marsaglia's xorshift32; `seed` is not 0. */
export function uniform(count: number, { bound, seed }: { bound: number; seed: number }): Float32Array {
  const values = new Float32Array(count)
  let state = seed | 0
  for (let i = 0; i < count; i++) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    values[i] = (bound * state) / 2 ** 31
  }
  return values
}
