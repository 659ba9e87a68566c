// Noise over pixel coordinates: hashes of integers, so that equal arguments give equal bits everywhere.
import { mixBits } from '../rng.js'

/** White noise in [0, 1) of a point of the integer lattice. */
export function speckle(x: number, y: number, seed: number): number {
  return mixBits(Math.imul(x, 0x9e3779b1) ^ Math.imul(y, 0x85ebca77) ^ seed) / 0x1_0000_0000
}

/** Value noise in [0, 1): lattice values one unit apart, joined by smoothstep. */
export function smoothNoise(x: number, y: number, seed: number): number {
  const column = Math.floor(x)
  const row = Math.floor(y)
  const tx = ease(x - column)
  const top = lerp(speckle(column, row, seed), speckle(column + 1, row, seed), tx)
  const bottom = lerp(speckle(column, row + 1, seed), speckle(column + 1, row + 1, seed), tx)
  return lerp(top, bottom, ease(y - row))
}

const ease = (t: number): number => t * t * (3 - 2 * t)
const lerp = (a: number, b: number, t: number): number => a + (b - a) * t
