import { p } from '@dreamgraph/graph'
import sharp from 'sharp'
import { defineNode } from '../services.js'
import { socket } from '../sockets.js'

/** Softens the edges of a mask. */
export const maskFeather = defineNode({
  type: 'mask/feather',
  version: 1,
  title: 'Feather mask',
  description: 'A Gaussian blur: the edge fades over about four times sigma.',
  inputs: { mask: socket.mask() },
  params: { sigma: p.float({ title: 'Sigma in pixels', default: 4, min: 0.3, max: 200 }) },
  outputs: { mask: socket.mask() },
  async run({ inputs: { mask }, params: { sigma } }) {
    const { width, height, channels, data } = mask
    const blurred = sharp(data, { raw: { width, height, channels } }).blur(sigma)
    const bytes = await blurred.toColourspace('b-w').raw().toBuffer()
    return { mask: { ...mask, data: new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength) } }
  },
})
