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
  description: 'Turns latents into a picture, eight pixels each way for every latent.',
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
