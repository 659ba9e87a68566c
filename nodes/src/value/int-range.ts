import { p } from '@dreamgraph/graph'
import { NodesError } from '../errors.js'
import { defineNode } from '../services.js'
import { socket } from '../sockets.js'
import { maxListItems } from './limits.js'

/** start, start + step, … : whole numbers for a flow to run over. */
export const valueIntRange = defineNode({
  type: 'value/int-range',
  version: 1,
  title: 'Range of integers',
  description: 'first, first + step, first + 2·step, … What the list feeds runs once for each number.',
  params: {
    start: p.int({ title: 'First', default: 1 }),
    step: p.int({ title: 'Step', default: 1 }),
    count: p.int({ title: 'Count', default: 4, min: 1, max: maxListItems }),
  },
  outputs: { values: socket.int({ list: true }) },
  run({ params: { start, step, count } }) {
    const last = start + step * (count - 1)
    if (!Number.isSafeInteger(last)) {
      throw new NodesError('nodes/list-invalid', `range of integers: expected integers within ±(2^53 − 1), got ${last}`)
    }
    return { values: Array.from({ length: count }, (_, index) => start + step * index) }
  },
})
