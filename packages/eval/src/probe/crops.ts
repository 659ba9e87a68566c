// Cuts squares out of pictures, as planes of floats.
import type { Picture } from '@dreamgraph/world'
import type { ReaderName } from './attributes.js'
import type { Square } from './parts.js'

/** Pixels both ways that a reader sees. */
export const cropSizePx: Readonly<Record<ReaderName, number>> = {
  thing: 64,
  garment: 64,
  head: 64,
  face: 64,
  picture: 128,
}

/** Planes [3, size, size] in −1..1. */
export type Crop = Float32Array

/**
 * The square as a crop of `size` pixels, bilinear; a square of as many pixels on whole pixels is copied to the bit. What lies
 * outside the picture repeats its edge.
 */
export function cropOf(picture: Picture, square: Square, size: number): Crop {
  const { centreXPx, centreYPx, sidePx, column } = square
  const { width, height, data } = picture
  const plane = size * size
  const crop = new Float32Array(3 * plane)
  const step = sidePx / size
  const xs = taps(centreXPx - sidePx / 2, step, size, width)
  const ys = taps(centreYPx - sidePx / 2, step, size, height)
  if (column) wrapInto(xs, column)
  for (let y = 0; y < size; y++) {
    const [top, bottom, down] = [ys.from[y] * width, ys.to[y] * width, ys.share[y]]
    for (let x = 0; x < size; x++) {
      const [left, right, across] = [xs.from[x], xs.to[x], xs.share[x]]
      for (let c = 0; c < 3; c++) {
        const upper = data[(top + left) * 3 + c] * (1 - across) + data[(top + right) * 3 + c] * across
        const lower = data[(bottom + left) * 3 + c] * (1 - across) + data[(bottom + right) * 3 + c] * across
        crop[c * plane + y * size + x] = (upper * (1 - down) + lower * down) / 127.5 - 1
      }
    }
  }
  return crop
}

interface Taps {
  readonly from: Int32Array
  readonly to: Int32Array
  /** Weight of `to`. */
  readonly share: Float32Array
}

/** Which two pixels each of `size` samples lies between, and how near to the second. */
function taps(startPx: number, step: number, size: number, length: number): Taps {
  const result = { from: new Int32Array(size), to: new Int32Array(size), share: new Float32Array(size) }
  for (let i = 0; i < size; i++) {
    const at = startPx + (i + 0.5) * step - 0.5 // pixels are points in the middle of their squares
    const floor = Math.floor(at)
    result.from[i] = Math.min(Math.max(floor, 0), length - 1)
    result.to[i] = Math.min(Math.max(floor + 1, 0), length - 1)
    result.share[i] = at - floor
  }
  return result
}

/** Moves samples into a column, as if columns like it stood side by side. */
function wrapInto({ from, to }: Taps, { xPx, widthPx }: { xPx: number; widthPx: number }): void {
  for (const positions of [from, to]) {
    for (let i = 0; i < positions.length; i++) positions[i] = xPx + (positions[i] % widthPx)
  }
}
