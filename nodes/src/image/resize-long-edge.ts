import { resizeToLongEdge } from '@dreamgraph/dreamo'
import { p } from '@dreamgraph/graph'
import { defineNode } from '../services.js'
import { socket } from '../sockets.js'

/** Shrinks a picture until its long edge fits; never enlarges. */
export const imageResizeLongEdge = defineNode({
  type: 'image/resize-long-edge',
  version: 1,
  title: 'Resize to long edge',
  description: 'Shrinks a picture whose longer side exceeds the limit; smaller ones pass untouched.',
  inputs: { image: socket.image() },
  params: { longEdge: p.int({ title: 'Longest side', default: 1024, min: 1, max: 16_384 }) },
  outputs: { image: socket.image() },
  run: ({ inputs, params }) => ({ image: resizeToLongEdge(inputs.image, params.longEdge) }),
})
