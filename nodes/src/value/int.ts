import { p } from '@dreamgraph/graph'
import { defineNode } from '../services.js'
import { socket } from '../sockets.js'

/** One whole number, for any number of inputs. */
export const valueInt = defineNode({
  type: 'value/int',
  version: 1,
  title: 'Integer',
  description: 'A whole number to feed several nodes from.',
  params: { value: p.int({ title: 'Value', default: 0 }) },
  outputs: { value: socket.int() },
  run: ({ params: { value } }) => ({ value }),
})
