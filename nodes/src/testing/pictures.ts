/** Small pictures made of numbers, for tests. */
import type { RgbImage } from '@dreamgraph/dreamo'

/** A picture whose every byte differs from its neighbours in a fixed way. */
export function pattern(width: number, height: number, channels: 1 | 3 | 4): RgbImage {
  const data = Uint8Array.from({ length: width * height * channels }, (_, i) => (i * 37 + (i >> 3) * 11) & 255)
  return { width, height, channels, data }
}

/** A picture of one colour. */
export function flat(width: number, height: number, color: readonly number[]): RgbImage {
  const channels = color.length as 1 | 3 | 4
  const data = Uint8Array.from({ length: width * height * channels }, (_, i) => color[i % channels]!)
  return { width, height, channels, data }
}

/** A picture of [height][width] one-channel values. */
export function rows(...values: readonly (readonly number[])[]): RgbImage {
  return { width: values[0]!.length, height: values.length, channels: 1, data: Uint8Array.from(values.flat()) }
}

/** The bytes of one pixel. */
export function pixelAt({ width, channels, data }: RgbImage, x: number, y: number): number[] {
  const at = (y * width + x) * channels
  return [...data.subarray(at, at + channels)]
}
