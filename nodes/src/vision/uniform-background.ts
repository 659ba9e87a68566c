// Plain backgrounds, removed without any model: flood fill from the borders, with soft edges.
import type { RgbImage } from '@dreamgraph/dreamo'
import { NodesError } from '../errors.js'
import { colorsOf, flatMask } from '../image/pixels.js'

/** Of the outermost pixels, at least this part must have the background's colour; the rest may be the subject, cut off. */
const minBorderShare = 0.7

/**
 * The subject in front of a plain background: all that the borders do not reach through pixels within `tolerance`
 * (0 … 255, the largest difference of a channel) of the borders' median colour. Holes inside the subject stay filled.
 * Throws nodes/background-not-uniform where the border has no such colour, nodes/subject-missing where nothing is left.
 */
export function uniformBackgroundMask(image: RgbImage, tolerance: number, where: string): RgbImage {
  const colors = colorsOf(image)
  const border = borderPixels(colors)
  const distances = distancesTo(colors, medianColor(colors, border))
  const share = border.filter((pixel) => distances[pixel]! <= tolerance).length / border.length
  if (share < minBorderShare) {
    const rule = `at least ${100 * minBorderShare} % of the border within ${tolerance} of one colour`
    throw new NodesError('nodes/background-not-uniform', `${where}: expected ${rule}, got ${Math.round(share * 100)} %`)
  }
  const background = flood(colors, border, (pixel) => distances[pixel]! <= tolerance)
  if (background.every(Boolean)) {
    throw new NodesError(
      'nodes/subject-missing',
      `${where}: expected something in front of the background, got nothing`,
    )
  }
  return softMask(colors, background, distances)
}

/** Indices of the outermost pixels. */
function borderPixels({ width, height }: RgbImage): number[] {
  const pixels: number[] = []
  for (let y = 0; y < height; y++) {
    const step = y === 0 || y === height - 1 ? 1 : Math.max(1, width - 1)
    for (let x = 0; x < width; x += step) pixels.push(y * width + x)
  }
  return pixels
}

function medianColor({ data }: RgbImage, pixels: readonly number[]): readonly number[] {
  return [0, 1, 2].map((c) => {
    const values = Uint8Array.from(pixels, (pixel) => data[pixel * 3 + c]!).sort()
    return values[values.length >> 1]!
  })
}

/** The largest difference of a channel, per pixel. */
function distancesTo({ width, height, data }: RgbImage, color: readonly number[]): Uint8Array {
  const distances = new Uint8Array(width * height)
  for (let pixel = 0; pixel < distances.length; pixel++) {
    for (let c = 0; c < 3; c++) {
      distances[pixel] = Math.max(distances[pixel]!, Math.abs(data[pixel * 3 + c]! - color[c]!))
    }
  }
  return distances
}

/** 1 for each pixel that can be reached from the seeds over edges of pixels that may be entered. */
function flood(
  { width, height }: RgbImage,
  seeds: readonly number[],
  mayEnter: (pixel: number) => boolean,
): Uint8Array {
  const reached = new Uint8Array(width * height)
  const queue = new Int32Array(width * height)
  let end = 0
  const enter = (pixel: number) => {
    if (reached[pixel] || !mayEnter(pixel)) return
    reached[pixel] = 1
    queue[end++] = pixel
  }
  for (const seed of seeds) enter(seed)
  for (let at = 0; at < end; at++) {
    const pixel = queue[at]!
    const x = pixel % width
    if (x > 0) enter(pixel - 1)
    if (x < width - 1) enter(pixel + 1)
    if (pixel >= width) enter(pixel - width)
    if (pixel < width * (height - 1)) enter(pixel + width)
  }
  return reached
}

/**
 * Pixels at the edge are mixtures, c = a·subject + (1 − a)·background: a is their distance from the background's colour in
 * parts of the largest distance around them, two pixels far.
 */
function softMask({ width, height }: RgbImage, background: Uint8Array, distances: Uint8Array): RgbImage {
  const mask = flatMask({ width, height }, 255)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const pixel = y * width + x
      if (background[pixel]) {
        mask.data[pixel] = 0
        continue
      }
      if (largestAround(x, y, 1, (near) => background[near]!) === 0) continue
      const farthest = largestAround(x, y, 2, (near) => (background[near] ? 0 : distances[near]!))
      mask.data[pixel] = Math.round((255 * distances[pixel]!) / farthest)
    }
  }
  return mask

  function largestAround(x: number, y: number, reach: number, value: (pixel: number) => number): number {
    let largest = 0
    for (let row = Math.max(0, y - reach); row <= Math.min(height - 1, y + reach); row++) {
      for (let column = Math.max(0, x - reach); column <= Math.min(width - 1, x + reach); column++) {
        largest = Math.max(largest, value(row * width + column))
      }
    }
    return largest
  }
}
