// A look at latents that are not done: a picture as cheap as the size at hand allows. Not what a picture is saved from.
import { type Autoencoder, decodePicture, type Latent } from './autoencoder.js'
import type { RgbImage } from './image.js'
import { project, projectionOf } from './latent-projection.js'

/**
 * Up to here a look is decoded. Measured on a core of 2, in seconds, for 16², 32² and 64² latents: the small model's
 * autoencoder 0.12, 0.46 and 1.9, beside 0.15 for its step at 16²; FLUX's 2, 8.5 and 36, beside 160 for its step at 32².
 * A projection takes milliseconds, and no memory of the runtime; but it has 2 × 2 pixels a latent, and so few show nothing.
 */
const mostDecoded = 32 * 32

/** Latents in the transformer's scale [C, h, w] → the decoded picture where it is small, else 2h × 2w pixels. */
export async function latentPicture(
  model: Autoencoder,
  latent: Latent,
  options: { signal?: AbortSignal } = {},
): Promise<RgbImage> {
  if (latent.width * latent.height <= mostDecoded) return decodePicture(model, latent, options)
  return project(await projectionOf(model, options), latent)
}
