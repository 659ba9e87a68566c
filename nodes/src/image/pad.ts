import type { Size } from '@dreamgraph/dreamo'
import { p } from '@dreamgraph/graph'
import { defineNode } from '../services.js'
import { socket } from '../sockets.js'
import { parseColor } from './color.js'
import { checkPixels } from './decode.js'
import { copyInto, flatImage, flatMask, withChannels } from './pixels.js'

/** Adds a border until both sides are multiples of a number, or until the picture has a shape. */
export const imagePad = defineNode({
  type: 'image/pad',
  version: 1,
  title: 'Pad',
  description: 'Adds a border up to a multiple of pixels or up to a shape such as 16 : 9; never cuts anything off.',
  inputs: { image: socket.image() },
  params: {
    to: p.choice(['multiple', 'aspect'], { title: 'Up to', default: 'multiple' }),
    multiple: p.int({ title: 'Multiple of', default: 16, min: 1, max: 4096 }),
    aspectWidth: p.int({ title: 'Aspect: width', default: 1, min: 1, max: 10_000 }),
    aspectHeight: p.int({ title: 'Aspect: height', default: 1, min: 1, max: 10_000 }),
    place: p.choice(['center', 'top-left'], { title: 'Where the picture goes', default: 'center' }),
    color: p.text({ title: 'Colour', default: '#ffffff' }),
  },
  outputs: { image: socket.image(), mask: socket.mask({ description: '255 where the picture is, 0 on the border.' }) },
  run({ inputs: { image }, params }) {
    const color = parseColor(params.color, 'pad, colour')
    const size = params.to === 'multiple' ? upToMultiple(image, params.multiple) : upToAspect(image, params)
    checkPixels(size, 'pad')
    const channels = color[3] < 255 || image.channels === 4 ? 4 : 3
    const half = (outer: number, inner: number) => (params.place === 'center' ? Math.floor((outer - inner) / 2) : 0)
    const at = { x: half(size.width, image.width), y: half(size.height, image.height) }
    const padded = flatImage(size, color, channels)
    copyInto(padded, withChannels(image, channels), at)
    const mask = flatMask(size, 0)
    copyInto(mask, flatMask(image, 255), at)
    return { image: padded, mask }
  },
})

function upToMultiple({ width, height }: Size, multiple: number): Size {
  const up = (length: number) => Math.ceil(length / multiple) * multiple
  return { width: up(width), height: up(height) }
}

/** The smallest size that holds the picture and has the aspect, to the nearest pixel. */
function upToAspect({ width, height }: Size, aspect: { aspectWidth: number; aspectHeight: number }): Size {
  const ratio = aspect.aspectWidth / aspect.aspectHeight
  if (width < height * ratio) return { width: Math.max(width, Math.round(height * ratio)), height }
  return { width, height: Math.max(height, Math.round(width / ratio)) }
}
