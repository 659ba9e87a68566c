import { p } from '@dreamgraph/graph'
import { defineNode } from '../services.js'
import { socket } from '../sockets.js'
import { maxListItems } from './limits.js'

/** Evenly spaced numbers from the first to the last, both included. */
export const valueFloatRange = defineNode({
  type: 'value/float-range',
  version: 1,
  title: 'Range of numbers',
  description:
    'Evenly spaced from the first to the last, both included. What the list feeds runs once for each number.',
  params: {
    from: p.float({ title: 'First', default: 0 }),
    to: p.float({ title: 'Last', default: 1 }),
    count: p.int({ title: 'Count', default: 5, min: 1, max: maxListItems }),
  },
  outputs: { values: socket.float({ list: true }) },
  run({ params: { from, to, count } }) {
    // Weighted ends instead of from + i·step: the last is `to` to the bit, and no difference can overflow.
    const at = (part: number) => from * (1 - part) + to * part
    return { values: Array.from({ length: count }, (_, index) => at(count === 1 ? 0 : index / (count - 1))) }
  },
})
