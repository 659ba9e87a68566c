import { decodePicture } from '@dreamgraph/dreamo'
import { checkLatent } from '../latent/check-latent.js'
import { defineNode } from '../services.js'
import { socket } from '../sockets.js'
import { tilingOf, tilingParams } from './tiling.js'

/** Turns latents into a picture. */
export const vaeDecode = defineNode({
  type: 'vae/decode',
  version: 1,
  title: 'Decode',
  description: 'The autoencoder turns latents into a picture, eight pixels a latent each way.',
  inputs: { model: socket.model(), latent: socket.latent() },
  params: tilingParams,
  outputs: { image: socket.image() },
  resource: 'gpu',
  async run({ inputs, params, ctx }) {
    checkLatent(inputs.latent, inputs.model.model, 'latent')
    const options = { tiling: tilingOf(params), signal: ctx.signal, onTile: ctx.progress }
    return { image: await decodePicture(inputs.model.model, inputs.latent, options) }
  },
})
