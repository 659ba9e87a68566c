import { p } from '@dreamgraph/graph'
import { defineNode } from '../services.js'
import { socket } from '../sockets.js'
import { cropRegion } from './pixels.js'

/** Cuts a rectangle out of a picture. */
export const imageCrop = defineNode({
  type: 'image/crop',
  version: 1,
  title: 'Crop',
  description: 'Cuts a rectangle out, in pixels from the top left corner. It must lie within the picture.',
  inputs: { image: socket.image() },
  params: {
    x: p.int({ title: 'Left', default: 0, min: 0 }),
    y: p.int({ title: 'Top', default: 0, min: 0 }),
    width: p.int({ title: 'Width', default: 512, min: 1 }),
    height: p.int({ title: 'Height', default: 512, min: 1 }),
  },
  outputs: { image: socket.image() },
  run: ({ inputs, params }) => ({ image: cropRegion(inputs.image, params, 'crop') }),
})
