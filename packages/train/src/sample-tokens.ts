// Tokens of a sample: which of a reference's enter a step, and which of a picture's a mask covers.
import { PIXELS_PER_TOKEN, type Size, type TokenGrid, tokenGrid } from '@dreamgraph/dreamo'
import type { Rng } from './random.js'

/** How many tokens of a reference stay at a drop rate; undefined for all of them. At least one stays. */
export function keptTokenCount(reference: Size, dropRate: number): number | undefined {
  const { rows, columns } = tokenGrid(reference)
  return dropRate === 0 ? undefined : Math.max(1, Math.round(rows * columns * (1 - dropRate)))
}

/** `count` different tokens of a reference in ascending order, every choice as likely. */
export function pickTokens(reference: Size, count: number, rng: Rng): number[] {
  const { rows, columns } = tokenGrid(reference)
  const tokens = Array.from({ length: rows * columns }, (_, token) => token)
  // The first steps of Fisher and Yates' shuffle.
  for (let i = 0; i < count; i++) {
    const other = i + Math.floor(rng() * (tokens.length - i))
    ;[tokens[i], tokens[other]] = [tokens[other], tokens[i]]
  }
  return tokens.slice(0, count).sort((a, b) => a - b)
}

/** The latents of some tokens: [tokens, channels] → [kept, channels]; all of them without `kept`. */
export function tokensAt(latents: Float32Array, reference: Size, kept?: readonly number[]): Float32Array {
  if (!kept) return latents
  const { rows, columns } = tokenGrid(reference)
  const channels = latents.length / (rows * columns)
  const values = new Float32Array(kept.length * channels)
  for (const [i, token] of kept.entries()) {
    values.set(latents.subarray(token * channels, (token + 1) * channels), i * channels)
  }
  return values
}

/** Share of each token's 16×16 pixels that a mask of bytes covers: [H, W] 0 … 255 → [rows·columns] 0 … 1. */
export function maskOfTokens(pixels: Uint8Array, { rows, columns }: TokenGrid): Float32Array {
  const side = PIXELS_PER_TOKEN
  const width = columns * side
  const sums = new Float32Array(rows * columns)
  for (const [i, value] of pixels.entries()) {
    const [row, column] = [Math.floor(i / width / side), Math.floor((i % width) / side)]
    sums[row * columns + column] += value
  }
  return sums.map((sum) => sum / (255 * side * side))
}
