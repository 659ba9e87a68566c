import { p } from '@dreamgraph/graph'
import { defineNode } from '../services.js'
import { socket } from '../sockets.js'

/** One yes or no, for any number of inputs. */
export const valueBoolean = defineNode({
  type: 'value/boolean',
  version: 1,
  title: 'Yes or no',
  description: 'A switch to feed several nodes from.',
  params: { value: p.boolean({ title: 'Value', default: false }) },
  outputs: { value: socket.boolean() },
  run: ({ params: { value } }) => ({ value }),
})
