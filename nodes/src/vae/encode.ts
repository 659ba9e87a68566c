import { encodePicture, gaussianNoise } from '@dreamgraph/dreamo'
import { p } from '@dreamgraph/graph'
import { defineNode } from '../services.js'
import { socket } from '../sockets.js'
import { tilingOf, tilingParams } from './tiling.js'

/** Turns a picture into latents. */
export const vaeEncode = defineNode({
  type: 'vae/encode',
  version: 1,
  title: 'Encode',
  description: 'The autoencoder turns a picture whose sides are multiples of 16 into latents.',
  inputs: { model: socket.model(), image: socket.image() },
  params: {
    draw: p.choice(['sample', 'mode'], { title: 'Autoencoder', default: 'mode' }),
    seed: p.seed({ title: 'Seed', default: 0n, description: 'Of the draw, when it is one.' }),
    ...tilingParams,
  },
  outputs: { latent: socket.latent() },
  resource: 'gpu',
  async run({ inputs, params, ctx }) {
    const { draw, seed } = params
    const draws = (length: number): Float32Array => gaussianNoise(length, { seed, stream: 'reference', index: 0 })
    const epsilon = draw === 'sample' ? draws : undefined
    const options = { epsilon, tiling: tilingOf(params), signal: ctx.signal, onTile: ctx.progress }
    return { latent: await encodePicture(inputs.model.model, inputs.image, options) }
  },
})
