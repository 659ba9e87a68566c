// Sizes of the world's pictures in the model's terms, and latents in its order.
import { normalizeLatents, packLatents, type VaeConfig } from '@dreamgraph/dreamo'

/** Pixels of a target and of a reference, both ways. */
export const imageSide = 128
export const referenceSide = 64
/** A token is 2 × 2 latents, 16 × 16 pixels. */
export const imageTokens = 64
export const imageGrid = { rows: 8, columns: 8 }
export const referenceTokens = 16
export const tokenChannels = 64
/** No sample of the world has more. */
export const maxReferences = 2

/** Means of the autoencoder's distribution [C, side, side] → packed tokens in the transformer's scale, [tokens, 4C]. */
export function latentsOf(means: Float32Array, config: VaeConfig, side: number): Float32Array {
  const shape = { batch: 1, channels: config.latentChannels, height: side, width: side }
  return packLatents(normalizeLatents(means, config), shape)
}
