// Small pieces of pictures that several nodes take apart or put together.
import type { RgbImage } from '@dreamgraph/dreamo'

/** A mask of one value: [height, width] bytes. */
export function flatMask({ width, height }: { width: number; height: number }, value: number): RgbImage {
  return { width, height, channels: 1, data: new Uint8Array(width * height).fill(value) }
}

/** The transparency as a mask; all 255 where the picture has none. */
export function alphaOf(image: RgbImage): RgbImage {
  if (image.channels !== 4) return flatMask(image, 255)
  const { width, height, data } = image
  const alpha = new Uint8Array(width * height)
  for (let pixel = 0; pixel < alpha.length; pixel++) alpha[pixel] = data[4 * pixel + 3]!
  return { width, height, channels: 1, data: alpha }
}
