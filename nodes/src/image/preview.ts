import { defineNode } from '../services.js'
import { socket } from '../sockets.js'
import { encodePicture } from './encode.js'

/** Shows a picture while the flow runs and writes nothing. */
export const imagePreview = defineNode({
  type: 'image/preview',
  version: 1,
  title: 'Preview image',
  description: 'Shows a picture while the flow runs; nothing is written.',
  inputs: { image: socket.image() },
  effect: true,
  async run({ inputs: { image }, ctx }) {
    const { width, height } = image
    ctx.preview({ kind: 'image', mediaType: 'image/png', width, height, bytes: await encodePicture(image, 'png') })
    return {}
  },
})
