import { maxSeed, p } from '@dreamgraph/graph'
import { NodesError } from '../errors.js'
import { defineNode } from '../services.js'
import { socket } from '../sockets.js'
import { maxListItems } from './limits.js'

/** Consecutive seeds; what they feed runs once for each. */
export const valueSeedList = defineNode({
  type: 'value/seed-list',
  version: 1,
  title: 'List of seeds',
  description: 'Consecutive seeds from a first one. What the list feeds runs once for each seed.',
  params: {
    start: p.seed({ title: 'First', default: 0n }),
    count: p.int({ title: 'Count', default: 4, min: 1, max: maxListItems }),
  },
  outputs: { seeds: socket.seed({ list: true }) },
  run({ params: { start, count } }) {
    const last = start + BigInt(count - 1)
    if (last > maxSeed) {
      throw new NodesError('nodes/list-invalid', `list of seeds: expected seeds up to ${maxSeed}, got ${last}`)
    }
    return { seeds: Array.from({ length: count }, (_, index) => start + BigInt(index)) }
  },
})
