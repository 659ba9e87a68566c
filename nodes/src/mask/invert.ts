import { defineNode } from '../services.js'
import { socket } from '../sockets.js'

/** Swaps what a mask keeps with what it drops. */
export const maskInvert = defineNode({
  type: 'mask/invert',
  version: 1,
  title: 'Invert mask',
  description: 'Keeps what the mask dropped, and drops what it kept.',
  inputs: { mask: socket.mask() },
  outputs: { mask: socket.mask() },
  run: ({ inputs: { mask } }) => ({ mask: { ...mask, data: mask.data.map((value) => 255 - value) } }),
})
