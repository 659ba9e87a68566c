import { p } from '@dreamgraph/graph'
import { NodesError } from '../errors.js'
import { defineNode } from '../services.js'
import { socket } from '../sockets.js'

const edge = (title: string, value: number) => p.float({ title, default: value, min: 0, max: 1 })

/** A rectangle or an ellipse, placed in parts of a picture so that it fits pictures of any size. */
export const maskShape = defineNode({
  type: 'mask/shape',
  version: 1,
  title: 'Mask of a shape',
  description: 'A rectangle or an ellipse as large as a picture. Edges are parts of its width and height, 0 to 1.',
  inputs: { image: socket.image({ description: 'Gives the size.' }) },
  params: {
    shape: p.choice(['rectangle', 'ellipse'], { title: 'Shape', default: 'rectangle' }),
    left: edge('Left', 0.25),
    top: edge('Top', 0.25),
    right: edge('Right', 0.75),
    bottom: edge('Bottom', 0.75),
  },
  outputs: { mask: socket.mask() },
  run({ inputs: { image }, params: { shape, left, top, right, bottom } }) {
    if (left >= right || top >= bottom) {
      const got = `${left}, ${top}, ${right}, ${bottom}`
      throw new NodesError(
        'nodes/region-outside',
        `mask of a shape: expected left < right and top < bottom, got ${got}`,
      )
    }
    const { width, height } = image
    const data = new Uint8Array(width * height)
    for (let y = 0; y < height; y++) {
      // −1 … 1 across the shape, at the centre of the pixel.
      const v = (2 * (y + 0.5)) / height
      const dy = (v - top - bottom) / (bottom - top)
      for (let x = 0; x < width; x++) {
        const dx = ((2 * (x + 0.5)) / width - left - right) / (right - left)
        const isInside = shape === 'ellipse' ? dx * dx + dy * dy <= 1 : Math.abs(dx) <= 1 && Math.abs(dy) <= 1
        if (isInside) data[y * width + x] = 255
      }
    }
    return { mask: { width, height, channels: 1 as const, data } }
  },
})
