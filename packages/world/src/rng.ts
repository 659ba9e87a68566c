// Seeded random numbers for scenes. A named fork starts its own stream, so a new draw in one part of a scene moves nothing
// in the others. Not dreamo's Philox: the world stands below every model and needs no noise tensors.

export interface Rng {
  /** Uniform in [0, 1), 32 random bits. */
  next(): number
  /** Uniform integer in [0, count). */
  int(count: number): number
  /** Uniform in [low, high). */
  between(low: number, high: number): number
  chance(probability: number): boolean
  pick<T>(items: readonly T[]): T
  /** An independent stream that depends only on this stream's seed and the label, not on what was drawn before. */
  fork(label: string): Rng
}

/** A stream that depends on the seed text alone. */
export function createRng(seed: string): Rng {
  const draw = sfc32(seed)
  const next = () => draw() / 0x1_0000_0000
  return {
    next,
    int: (count) => Math.floor(next() * count),
    between: (low, high) => low + (high - low) * next(),
    chance: (probability) => next() < probability,
    pick: (items) => items[Math.floor(next() * items.length)]!,
    fork: (label) => createRng(`${seed}/${label}`),
  }
}

/** 32-bit hash of a text: FNV-1a over its UTF-16 units, then the finalizer of MurmurHash3 so that every bit is mixed. */
export function hashText(text: string, basis = 0x811c9dc5): number {
  let hash = basis
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return mixBits(hash)
}

/** The finalizer of MurmurHash3: a bijection of 32-bit integers in which every input bit reaches every output bit. */
export function mixBits(value: number): number {
  let mixed = value
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) >>> 0
}

/** Small fast counter generator (sfc32 of PractRand, C. Doty-Humphrey): 96 bits of state and a counter, period at least 2^32. */
function sfc32(seed: string): () => number {
  let a = hashText(seed, 0x811c9dc5) | 0
  let b = hashText(seed, 0x9e3779b9) | 0
  let c = hashText(seed, 0x7f4a7c15) | 0
  let counter = 1
  const draw = () => {
    const sum = (a + b + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + sum) | 0
    return sum >>> 0
  }
  for (let i = 0; i < 12; i++) draw() // the published warm-up: near seeds drift apart
  return draw
}
