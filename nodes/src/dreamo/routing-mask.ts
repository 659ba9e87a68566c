import { MAX_REFERENCES, PIXELS_PER_TOKEN, type RgbImage } from '@dreamgraph/dreamo'
import { p } from '@dreamgraph/graph'
import sharp from 'sharp'
import { NodesError } from '../errors.js'
import { defineNode } from '../services.js'
import { socket } from '../sockets.js'
import type { Routing } from './routing.js'

/** Makes a mask, as large as the picture, of where a reference responded in it. */
export const dreamoRoutingMask = defineNode({
  type: 'dreamo/routing-mask',
  version: 1,
  title: 'Routing mask',
  description:
    'Where a reference responded in a picture, as a mask: what came from it. A token has 16 pixels each way.',
  inputs: { routing: socket.routing({ description: 'From DreamO sample, with Routing maps on.' }) },
  params: {
    reference: p.int({ title: 'Reference', default: 1, min: 1, max: MAX_REFERENCES, description: 'Its slot.' }),
    threshold: p.int({
      title: 'Threshold',
      default: 128,
      min: 0,
      max: 255,
      description: '0 keeps all shades; otherwise values from here on become 255 and the others 0.',
    }),
  },
  outputs: {
    mask: socket.mask(),
    leakage: socket.float({ description: 'Share of its response where another reference responds as well, 0 to 1.' }),
  },
  async run({ inputs: { routing }, params: { reference, threshold } }) {
    const { maps } = routing
    const found = maps.find((entry) => entry.reference === reference)
    if (!found) {
      const kept = maps.map((entry) => entry.reference).join(', ')
      const got = kept ? `maps of ${kept}` : 'none: switch on "Routing maps" on DreamO sample'
      throw new NodesError('nodes/routing-missing', `reference: expected a routing map of ${reference}, got ${got}`)
    }
    const mask = await enlarged(routing, found.map)
    const cut = threshold > 0 ? mask.data.map((value) => (value >= threshold ? 255 : 0)) : mask.data
    return { mask: { ...mask, data: cut }, leakage: found.leakage }
  },
})

/** To the picture's size, interpolated before anything is cut: edges then run between tokens and not along them. */
async function enlarged({ rows, columns }: Routing, map: Uint8Array): Promise<RgbImage> {
  const [width, height] = [PIXELS_PER_TOKEN * columns, PIXELS_PER_TOKEN * rows]
  const bytes = await sharp(map, { raw: { width: columns, height: rows, channels: 1 } })
    .resize({ width, height, fit: 'fill', kernel: 'cubic' })
    .toColourspace('b-w')
    .raw()
    .toBuffer()
  return { width, height, channels: 1, data: new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength) }
}
