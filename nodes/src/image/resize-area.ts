import { resizeToArea } from '@dreamgraph/dreamo'
import { p } from '@dreamgraph/graph'
import { defineNode } from '../services.js'
import { socket } from '../sockets.js'

/** DreamO's size for references: about side × side pixels in the picture's own shape, both sides multiples of 16. */
export const imageResizeArea = defineNode({
  type: 'image/resize-area',
  version: 1,
  title: 'Resize to area',
  description: 'About side × side pixels in the shape of the picture, each side a multiple of 16, as DreamO does.',
  inputs: { image: socket.image() },
  params: { side: p.int({ title: 'Side of the square', default: 512, min: 16, max: 4096 }) },
  outputs: { image: socket.image() },
  run: ({ inputs, params }) => ({ image: resizeToArea(inputs.image, params.side ** 2) }),
})
