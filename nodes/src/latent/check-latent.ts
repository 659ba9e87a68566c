// Latents come from anywhere; a model takes only those of its own autoencoder.
import type { Latent, Model } from '@dreamgraph/dreamo'
import { NodesError } from '../errors.js'

/** Throws nodes/latent-mismatched unless the latents have the channels of the model's autoencoder. */
export function checkLatent({ channels }: Latent, { vae }: Model, where: string): void {
  const { latentChannels } = vae.config
  if (channels === latentChannels) return
  const rule = `${latentChannels} channels, as this model has them`
  throw new NodesError('nodes/latent-mismatched', `${where}: expected ${rule}, got ${channels}`)
}
