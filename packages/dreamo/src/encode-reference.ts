// A prepared reference picture becomes tokens of the transformer's sequence.

import { encodeMoments, sampleMoments } from './autoencoder.js'
import type { RgbImage } from './image.js'
import { imageToTensor } from './image.js'
import { normalizeLatents, packLatents, type TokenGrid } from './latents.js'
import type { Model } from './model.js'
import { gaussianNoise } from './noise.js'

export interface EncodedReference {
  /** 1..9: which `[ref#n]` and which index embedding it is. */
  readonly slot: number
  /** Packed normalized latents, [rows·columns, inChannels] f32. */
  readonly tokens: Float32Array
  readonly grid: TokenGrid
}

/** How the autoencoder's distribution is read: a draw with a seed, or its mode (the mean). */
export type LatentDraw = { readonly kind: 'sample'; readonly seed: bigint } | { readonly kind: 'mode' }

/** Encodes a picture whose sides are multiples of 16. Throws dreamo/size-invalid. */
export async function encodeReference(
  model: Model,
  { image, slot, draw, signal }: { image: RgbImage; slot: number; draw: LatentDraw; signal?: AbortSignal },
): Promise<EncodedReference> {
  const { width, height } = image
  const shape = [1, 3, height, width]
  const moments = await encodeMoments(model, { dtype: 'float32', shape, data: imageToTensor(image) }, { signal })
  const epsilon =
    draw.kind === 'sample'
      ? gaussianNoise(moments.data.length / 2, { seed: draw.seed, stream: 'reference', index: slot })
      : undefined
  return { slot, ...packReference(model, moments.shape, sampleMoments(moments, epsilon)) }
}

/** Normalizes and packs sampled latents; `momentsShape` is [1, 2C, h, w]. */
export function packReference(
  { vae }: Pick<Model, 'vae'>,
  [, doubleChannels, height, width]: readonly number[],
  latents: Float32Array,
): Pick<EncodedReference, 'tokens' | 'grid'> {
  const shape = { batch: 1, channels: doubleChannels / 2, height, width }
  return {
    tokens: packLatents(normalizeLatents(latents, vae.config), shape),
    grid: { rows: height / 2, columns: width / 2 },
  }
}
