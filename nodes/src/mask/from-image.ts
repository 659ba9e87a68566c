import type { RgbImage } from '@dreamgraph/dreamo'
import { p } from '@dreamgraph/graph'
import { alphaOf, channelOf, colorsOf } from '../image/pixels.js'
import { defineNode } from '../services.js'
import { socket } from '../sockets.js'

/** Makes a mask of a picture's brightness or of one of its channels. */
export const maskFromImage = defineNode({
  type: 'mask/from-image',
  version: 1,
  title: 'Mask from image',
  description: 'Brightness or one channel as a mask, in shades or cut at a threshold.',
  inputs: { image: socket.image() },
  params: {
    channel: p.choice(['luminance', 'red', 'green', 'blue', 'alpha'], { title: 'Channel', default: 'luminance' }),
    threshold: p.int({
      title: 'Threshold',
      default: 0,
      min: 0,
      max: 255,
      description: '0 keeps all shades; otherwise values from here on become 255 and the others 0.',
    }),
  },
  outputs: { mask: socket.mask() },
  run({ inputs: { image }, params: { channel, threshold } }) {
    const shades = {
      luminance: () => luminance(colorsOf(image)),
      red: () => channelOf(colorsOf(image), 0),
      green: () => channelOf(colorsOf(image), 1),
      blue: () => channelOf(colorsOf(image), 2),
      alpha: () => alphaOf(image),
    }[channel]()
    if (threshold === 0) return { mask: shades }
    return { mask: { ...shades, data: shades.data.map((value) => (value >= threshold ? 255 : 0)) } }
  },
})

/** Y' = 0.299 R' + 0.587 G' + 0.114 B' (ITU-R BT.601), rounded. */
function luminance({ width, height, data }: RgbImage): RgbImage {
  const values = new Uint8Array(width * height)
  for (let pixel = 0; pixel < values.length; pixel++) {
    const at = 3 * pixel
    values[pixel] = Math.round(0.299 * data[at]! + 0.587 * data[at + 1]! + 0.114 * data[at + 2]!)
  }
  return { width, height, channels: 1, data: values }
}
