// Exact distances to a set of pixels: Felzenszwalb and Huttenlocher, Distance Transforms of Sampled Functions (2012).
import type { RgbImage } from '@dreamgraph/dreamo'

/** Squared Euclidean distance of each pixel's centre to the nearest pixel inside; Infinity where there is none. */
export function squaredDistances(
  { width, height, data }: RgbImage,
  isInside: (value: number) => boolean,
): Float64Array {
  const distances = Float64Array.from(data, (value) => (isInside(value) ? 0 : Number.POSITIVE_INFINITY))
  for (let x = 0; x < width; x++) transformLine(distances, x, width, height)
  for (let y = 0; y < height; y++) transformLine(distances, y * width, 1, width)
  return distances
}

/** One line in place: d(q) = min over p of (q − p)² + f(p), as the lower envelope of parabolas. */
function transformLine(values: Float64Array, start: number, step: number, length: number): void {
  const f = Float64Array.from({ length }, (_, i) => values[start + i * step]!)
  const roots: number[] = []
  /** Where the parabola of the same index begins to be the lowest. */
  const from: number[] = []
  for (let q = 0; q < length; q++) {
    if (f[q] === Number.POSITIVE_INFINITY) continue
    let begin = Number.NEGATIVE_INFINITY
    while (roots.length > 0) {
      const p = roots.at(-1)!
      begin = (f[q]! + q * q - f[p]! - p * p) / (2 * (q - p))
      if (begin > from.at(-1)!) break
      roots.pop()
      from.pop()
      begin = Number.NEGATIVE_INFINITY
    }
    roots.push(q)
    from.push(begin)
  }
  if (roots.length === 0) return
  for (let q = 0, k = 0; q < length; q++) {
    while (k + 1 < roots.length && from[k + 1]! < q) k++
    const root = roots[k]!
    values[start + q * step] = (q - root) ** 2 + f[root]!
  }
}
