/**
 * Seeded standard normal noise: the same bytes in every process, on every machine and in every JavaScript engine.
 * It is not torch's generator: a seed gives another picture than the official Python code, only equally distributed.
 */
import { DreamoError } from './errors.js'
import { philox } from './philox.js'

/** What a run draws noise for. The numbers are part of what a seed means: append, never renumber. */
const streams = { latent: 0, reference: 1 } as const

export type NoiseStream = keyof typeof streams

export interface NoiseSource {
  /** 0 … 2^64 - 1. */
  seed: bigint
  stream: NoiseStream
  /** Which latent of a batch or which reference slot; 0 … 2^32 - 1. Each has noise of its own. */
  index: number
}

const MAX_SEED = 2n ** 64n - 1n

/**
 * `length` standard normals, f32. A longer draw starts with the same values as a shorter one.
 * The seed is Philox's key; the counter is (block, 0, index, stream), so streams never overlap. Throws seed-invalid.
 */
export function gaussianNoise(length: number, { seed, stream, index }: NoiseSource): Float32Array {
  if (seed < 0n || seed > MAX_SEED) throw seedError('seed', String(seed))
  const key: [number, number] = [Number(seed & 0xffffffffn), Number(seed >> 32n)]
  const values = new Float32Array(length)
  for (let block = 0; block * 4 < length; block++) {
    const [a, b, c, d] = philox([block, 0, index, streams[stream]], key)
    const [n0, n1] = boxMuller(a, b)
    const [n2, n3] = boxMuller(c, d)
    const at = block * 4
    if (at + 4 <= length) {
      values[at] = n0
      values[at + 1] = n1
      values[at + 2] = n2
      values[at + 3] = n3
    } else {
      values.set([n0, n1, n2, n3].slice(0, length - at), at)
    }
  }
  return values
}

/** A seed as documents write it: decimal digits, because 64 bits do not fit a JSON number. Throws seed-invalid. */
export function parseSeed(text: string, where = 'seed'): bigint {
  if (!/^\d{1,20}$/.test(text)) throw seedError(where, JSON.stringify(text.slice(0, 40)))
  const seed = BigInt(text)
  if (seed > MAX_SEED) throw seedError(where, text)
  return seed
}

function seedError(where: string, got: string): DreamoError {
  return new DreamoError('dreamo/seed-invalid', `${where}: expected a whole number from 0 to ${MAX_SEED}, got ${got}`)
}

/** Two independent normals from two 32-bit words: √(-2 ln u)·(cos 2πv, sin 2πv), u and v in the open interval (0, 1). */
function boxMuller(u: number, v: number): [number, number] {
  const radius = Math.sqrt(-2 * naturalLog((u + 0.5) / 2 ** 32))
  const [cos, sin] = cosSinTurns((v + 0.5) / 2 ** 32)
  return [radius * cos, radius * sin]
}

// Math.log, cos and sin may differ in the last bit between engines and versions. IEEE 754 fixes + - × ÷ √, so only
// those are used below; both functions are within 2 ulp of float64, far below the float32 that is kept.

/** ln x for x in (0, 1): x = m·2^e with m near 1, ln m = 2·artanh((m - 1)/(m + 1)) as a series. */
function naturalLog(x: number): number {
  let mantissa = x
  let exponent = 0
  while (mantissa < Math.SQRT1_2) {
    mantissa *= 2
    exponent--
  }
  const s = (mantissa - 1) / (mantissa + 1) // |s| ≤ 0.172, so s^23 / 23 is below 1e-18
  const square = s * s
  let sum = 0
  for (let n = 21; n >= 1; n -= 2) sum = sum * square + 1 / n
  return 2 * s * sum + exponent * Math.LN2
}

/** cos and sin of `turns` · 2π for turns in (0, 1): reduced to ±1/8 turn, then Taylor series. */
function cosSinTurns(turns: number): [number, number] {
  const quadrant = Math.round(turns * 4)
  const angle = (turns * 4 - quadrant) * (Math.PI / 2)
  const square = angle * angle
  let cos = 1
  let sin = 1
  for (let n = 18; n >= 2; n -= 2) {
    cos = 1 - (cos * square) / (n * (n - 1))
    sin = 1 - (sin * square) / (n * (n + 1))
  }
  sin *= angle
  if (quadrant === 1) return [-sin, cos]
  if (quadrant === 2) return [-cos, -sin]
  if (quadrant === 3) return [sin, -cos]
  return [cos, sin]
}
