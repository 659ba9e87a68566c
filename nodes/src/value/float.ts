import { p } from '@dreamgraph/graph'
import { defineNode } from '../services.js'
import { socket } from '../sockets.js'

/** One number, for any number of inputs. */
export const valueFloat = defineNode({
  type: 'value/float',
  version: 1,
  title: 'Number',
  description: 'A number to feed several nodes from.',
  params: { value: p.float({ title: 'Value', default: 0 }) },
  outputs: { value: socket.float() },
  run: ({ params: { value } }) => ({ value }),
})
