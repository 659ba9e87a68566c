import { p } from '@dreamgraph/graph'
import { defineNode } from '../services.js'
import { socket } from '../sockets.js'

/** A seed. Always the one written here: whoever wants another each time writes another before the run. */
export const valueSeed = defineNode({
  type: 'value/seed',
  version: 1,
  title: 'Seed',
  description:
    'A seed from 0 to 2^64 − 1. The same seed gives the same picture; nothing in a flow is random by itself.',
  params: { seed: p.seed({ title: 'Seed', default: 0n }) },
  outputs: { seed: socket.seed() },
  run: ({ params: { seed } }) => ({ seed }),
})
