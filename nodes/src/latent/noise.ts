import { gaussianNoise } from '@dreamgraph/dreamo'
import { p } from '@dreamgraph/graph'
import { defineNode } from '../services.js'
import { socket } from '../sockets.js'
import { latentSize } from './size.js'

/** Seeded noise to start sampling from. */
export const latentNoise = defineNode({
  type: 'latent/noise',
  version: 1,
  title: 'Noise',
  description:
    'What sampling starts from. The size is that of the picture; the same seed gives the same noise on every machine.',
  params: {
    width: p.int({ title: 'Width', default: 1024, min: 16, max: 8192, step: 16 }),
    height: p.int({ title: 'Height', default: 1024, min: 16, max: 8192, step: 16 }),
    seed: p.seed({ title: 'Seed', default: 0n }),
  },
  outputs: { latent: socket.latent() },
  run({ params: { width, height, seed } }) {
    const size = latentSize({ width, height })
    const length = size.channels * size.height * size.width
    return { latent: { ...size, data: gaussianNoise(length, { seed, stream: 'latent', index: 0 }) } }
  },
})
