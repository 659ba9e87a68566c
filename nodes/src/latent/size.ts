// Sizes of latents from sizes of pictures.
import { tokenGrid } from '@dreamgraph/dreamo'

/** Channels of FLUX's autoencoder. */
const channels = 16

/** Latents of a picture whose sides are floored to whole tokens of 16 pixels, as the official pipeline does. */
export function latentSize(pixels: { width: number; height: number }): {
  channels: number
  height: number
  width: number
} {
  const { rows, columns } = tokenGrid(pixels)
  return { channels, height: 2 * rows, width: 2 * columns }
}
