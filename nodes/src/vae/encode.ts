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
  description:
    'Turns a picture into latents. Its sides are multiples of 8, or of 16 where the latents are to be sampled.',
  inputs: { model: socket.model(), image: socket.image() },
  params: {
    draw: p.choice(['sample', 'mode'], {
      title: 'Latents',
      default: 'mode',
      description: 'mode: the likeliest ones. sample: drawn with the seed.',
    }),
    seed: p.seed({ title: 'Seed', default: 0n, description: 'Of the sample.' }),
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
