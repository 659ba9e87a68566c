import { defineNode } from '../services.js'
import { socket } from '../sockets.js'

/** Shows a picture while the flow runs and writes nothing. */
export const imagePreview = defineNode({
  type: 'image/preview',
  version: 1,
  title: 'Preview image',
  description: 'Shows a picture while the flow runs; nothing is written.',
  inputs: { image: socket.image() },
  effect: true,
  run({ inputs: { image }, ctx }) {
    ctx.preview({ kind: 'picture', image })
    return {}
  },
})
