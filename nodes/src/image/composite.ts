import type { RgbImage } from '@dreamgraph/dreamo'
import { p } from '@dreamgraph/graph'
import { NodesError } from '../errors.js'
import { defineNode } from '../services.js'
import { socket } from '../sockets.js'
import { checkSameSize, withChannels } from './pixels.js'

/** Lays one picture over another; what reaches beyond the lower one is cut off. */
export const imageComposite = defineNode({
  type: 'image/composite',
  version: 1,
  title: 'Composite',
  description:
    'Lays a picture over another at a place, as far as its transparency, a mask and the opacity let it show.',
  inputs: {
    base: socket.image({ title: 'Below' }),
    top: socket.image({ title: 'Above' }),
    mask: socket.mask({ optional: true, description: 'Of the upper picture; 255 shows it.' }),
  },
  params: {
    x: p.int({ title: 'Left', default: 0 }),
    y: p.int({ title: 'Top', default: 0 }),
    opacity: p.float({ title: 'Opacity', default: 1, min: 0, max: 1 }),
  },
  outputs: { image: socket.image() },
  run({ inputs: { base, top, mask }, params: { x, y, opacity } }) {
    if (mask) checkSameSize(mask, top, 'composite, mask')
    if (x >= base.width || y >= base.height || x + top.width <= 0 || y + top.height <= 0) {
      const rule = `a place where the pictures meet within ${base.width}×${base.height}`
      throw new NodesError('nodes/region-outside', `composite: expected ${rule}, got (${x}, ${y})`)
    }
    return {
      image: overlay(withChannels(base, base.channels === 4 ? 4 : 3), withChannels(top, 4), { x, y, mask, opacity }),
    }
  },
})

/**
 * Porter and Duff's over, straight alpha: a = aₜ + a_b(1 − aₜ), c = (cₜaₜ + c_b·a_b(1 − aₜ))/a, each rounded once.
 * `base` has 3 channels (opaque) or 4, `top` has 4.
 */
function overlay(
  base: RgbImage,
  top: RgbImage,
  { x, y, mask, opacity }: { x: number; y: number; mask: RgbImage | undefined; opacity: number },
): RgbImage {
  const { width, height, channels } = base
  const data = base.data.slice()
  const [left, right] = [Math.max(0, -x), Math.min(top.width, width - x)]
  const [first, last] = [Math.max(0, -y), Math.min(top.height, height - y)]
  for (let row = first; row < last; row++) {
    for (let column = left; column < right; column++) {
      const pixel = row * top.width + column
      const over = (top.data[pixel * 4 + 3]! / 255) * ((mask?.data[pixel] ?? 255) / 255) * opacity
      const at = ((y + row) * width + x + column) * channels
      const under = (channels === 4 ? data[at + 3]! / 255 : 1) * (1 - over)
      const alpha = over + under
      if (over === 0) continue
      for (let c = 0; c < 3; c++)
        data[at + c] = Math.round((top.data[pixel * 4 + c]! * over + data[at + c]! * under) / alpha)
      if (channels === 4) data[at + 3] = Math.round(alpha * 255)
    }
  }
  return { width, height, channels, data }
}
