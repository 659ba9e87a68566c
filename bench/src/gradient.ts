// Pictures for models to encode, where only their size matters.
import type { RgbImage } from '@dreamgraph/dreamo'

/** A picture of which every pixel differs from the next. */
export function gradient(side: number, stride: number): RgbImage {
  const data = Uint8Array.from({ length: 3 * side * side }, (_, i) => (i * stride + (i / (3 * side)) * 13) & 255)
  return { width: side, height: side, channels: 3, data }
}
