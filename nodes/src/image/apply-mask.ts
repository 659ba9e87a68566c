import { whiten } from '@dreamgraph/dreamo'
import { p } from '@dreamgraph/graph'
import { defineNode } from '../services.js'
import { socket } from '../sockets.js'
import { checkSameSize, withAlpha } from './pixels.js'

/** Keeps what a mask keeps, over white as DreamO's references need it, or over nothing. */
export const imageApplyMask = defineNode({
  type: 'image/apply-mask',
  version: 1,
  title: 'Apply mask',
  description: 'Keeps a picture where the mask is 255. The rest turns white, as references need it, or transparent.',
  inputs: { image: socket.image(), mask: socket.mask() },
  params: { background: p.choice(['white', 'transparent'], { title: 'Background', default: 'white' }) },
  outputs: { image: socket.image() },
  run({ inputs: { image, mask }, params: { background } }) {
    checkSameSize(mask, image, 'apply mask, mask')
    return { image: background === 'white' ? whiten(image, mask) : withAlpha(image, mask) }
  },
})
