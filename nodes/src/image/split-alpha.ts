import { defineNode } from '../services.js'
import { socket } from '../sockets.js'
import { alphaOf, colorsOf } from './pixels.js'

/** Takes colours and transparency apart; the colours under transparent pixels stay as they are. */
export const imageSplitAlpha = defineNode({
  type: 'image/split-alpha',
  version: 1,
  title: 'Split transparency',
  description: 'Colours and transparency apart. The mask is all 255 for an opaque picture.',
  inputs: { image: socket.image() },
  outputs: { image: socket.image(), mask: socket.mask() },
  run: ({ inputs: { image } }) => ({ image: colorsOf(image), mask: alphaOf(image) }),
})
