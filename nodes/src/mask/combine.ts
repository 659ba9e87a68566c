import { p } from '@dreamgraph/graph'
import { checkSameSize } from '../image/pixels.js'
import { defineNode } from '../services.js'
import { socket } from '../sockets.js'

/** Joins two masks of one size; shades count as fuzzy sets. */
export const maskCombine = defineNode({
  type: 'mask/combine',
  version: 1,
  title: 'Combine masks',
  description: 'union: in either. intersect: in both. subtract: in the first and not in the second.',
  inputs: { a: socket.mask({ title: 'First' }), b: socket.mask({ title: 'Second' }) },
  params: { operation: p.choice(['union', 'intersect', 'subtract'], { title: 'Operation', default: 'union' }) },
  outputs: { mask: socket.mask() },
  run({ inputs: { a, b }, params: { operation } }) {
    checkSameSize(b, a, 'combine masks, second')
    const combine = {
      union: (first: number, second: number) => Math.max(first, second),
      intersect: (first: number, second: number) => Math.min(first, second),
      subtract: (first: number, second: number) => Math.min(first, 255 - second),
    }[operation]
    return { mask: { ...a, data: a.data.map((value, i) => combine(value, b.data[i]!)) } }
  },
})
