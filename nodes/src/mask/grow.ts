import { p } from '@dreamgraph/graph'
import { defineNode } from '../services.js'
import { socket } from '../sockets.js'
import { squaredDistances } from './distance.js'

/** Widens or narrows a mask by a round brush. */
export const maskGrow = defineNode({
  type: 'mask/grow',
  version: 1,
  title: 'Grow mask',
  description:
    'Adds all pixels within a distance of the mask; a negative distance takes as much away. Edges become hard.',
  inputs: { mask: socket.mask() },
  params: { pixels: p.int({ title: 'Distance', default: 8, min: -4096, max: 4096 }) },
  outputs: { mask: socket.mask() },
  run({ inputs: { mask }, params: { pixels } }) {
    // Growing asks how far the mask is; shrinking asks how far its outside is.
    const grows = pixels >= 0
    const distances = squaredDistances(mask, (value) => value >= 128 === grows)
    const data = Uint8Array.from(distances, (distance) => (distance <= pixels ** 2 === grows ? 255 : 0))
    return { mask: { ...mask, data } }
  },
})
