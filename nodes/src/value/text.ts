import { p } from '@dreamgraph/graph'
import { defineNode } from '../services.js'
import { socket } from '../sockets.js'

/** A text of any number of lines. */
export const valueText = defineNode({
  type: 'value/text',
  version: 1,
  title: 'Text',
  description: 'A text to feed several nodes from.',
  params: { value: p.text({ title: 'Text', default: '', multiline: true }) },
  outputs: { value: socket.text() },
  run: ({ params: { value } }) => ({ value }),
})
