import { p } from '@dreamgraph/graph'
import { defineNode } from '../services.js'
import { socket } from '../sockets.js'
import { latentSize } from './size.js'

/** Latents of zeros: what the autoencoder's mean is, a plain grey. */
export const latentEmpty = defineNode({
  type: 'latent/empty',
  version: 1,
  title: 'Empty latent',
  description: 'Latents of zeros for a picture of this size: an even grey once decoded.',
  params: {
    width: p.int({ title: 'Width', default: 1024, min: 16, max: 8192, step: 16 }),
    height: p.int({ title: 'Height', default: 1024, min: 16, max: 8192, step: 16 }),
  },
  outputs: { latent: socket.latent() },
  run({ params }) {
    const size = latentSize(params)
    return { latent: { ...size, data: new Float32Array(size.channels * size.height * size.width) } }
  },
})
