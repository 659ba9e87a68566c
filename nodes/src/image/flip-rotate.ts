import type { RgbImage } from '@dreamgraph/dreamo'
import { p } from '@dreamgraph/graph'
import { defineNode } from '../services.js'
import { socket } from '../sockets.js'
import { moved } from './pixels.js'

/** Mirrors a picture or turns it by quarters; every pixel is kept. */
export const imageFlipRotate = defineNode({
  type: 'image/flip-rotate',
  version: 1,
  title: 'Flip or rotate',
  description: 'Mirrors left and right or up and down, or turns clockwise by quarters.',
  inputs: { image: socket.image() },
  params: {
    action: p.choice(['flip-horizontal', 'flip-vertical', 'rotate-90', 'rotate-180', 'rotate-270'], {
      title: 'Action',
      default: 'flip-horizontal',
    }),
  },
  outputs: { image: socket.image() },
  run({ inputs: { image }, params: { action } }) {
    const right = image.width - 1
    const bottom = image.height - 1
    const turned = { width: image.height, height: image.width }
    const moves: Record<typeof action, () => RgbImage> = {
      'flip-horizontal': () => moved(image, image, (x, y) => [right - x, y]),
      'flip-vertical': () => moved(image, image, (x, y) => [x, bottom - y]),
      'rotate-90': () => moved(image, turned, (x, y) => [y, bottom - x]),
      'rotate-180': () => moved(image, image, (x, y) => [right - x, bottom - y]),
      'rotate-270': () => moved(image, turned, (x, y) => [right - y, x]),
    }
    return { image: moves[action]() }
  },
})
