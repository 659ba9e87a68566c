// A prepared reference picture becomes tokens of the transformer's sequence.
import { encodePicture, type Latent } from './autoencoder.js'
import { packLatents, type TokenGrid } from './latents.js'
import type { Model } from './model.js'
import { gaussianNoise } from './noise.js'
import type { Reference, ReferenceTask } from './references.js'

export interface EncodedReference {
  /** 1..9: which `[ref#n]` and which index embedding it is. */
  readonly slot: number
  /** What was taken from the picture; the transformer does not see it. */
  readonly task: ReferenceTask
  /** Packed normalized latents, [rows·columns, inChannels] f32. */
  readonly tokens: Float32Array
  readonly grid: TokenGrid
}

/** How the autoencoder's distribution is read: a draw with a seed, or its mode (the mean). */
export type LatentDraw = { readonly kind: 'sample'; readonly seed: bigint } | { readonly kind: 'mode' }

/** Encodes a picture whose sides are multiples of 16. Throws dreamo/size-invalid. */
export async function encodeReference(
  model: Model,
  { image, slot, task }: Reference,
  { draw, signal }: { draw: LatentDraw; signal?: AbortSignal },
): Promise<EncodedReference> {
  const epsilon =
    draw.kind === 'sample'
      ? (length: number) => gaussianNoise(length, { seed: draw.seed, stream: 'reference', index: slot })
      : undefined
  return { slot, task, ...packReference(await encodePicture(model, image, { epsilon, signal })) }
}

/** Latents in the transformer's scale as tokens; height and width even. */
export function packReference({ channels, height, width, data }: Latent): Pick<EncodedReference, 'tokens' | 'grid'> {
  return {
    tokens: packLatents(data, { batch: 1, channels, height, width }),
    grid: { rows: height / 2, columns: width / 2 },
  }
}
