import { p } from '@dreamgraph/graph'
import { defineNode } from '../services.js'
import { socket } from '../sockets.js'
import { checkListLength } from './limits.js'

/** Each line becomes a text of its own; what they feed runs once for each. */
export const valueTextList = defineNode({
  type: 'value/text-list',
  version: 1,
  title: 'List of texts',
  description: 'One text a line; empty lines are left out. What the list feeds runs once for each text.',
  params: { lines: p.text({ title: 'Lines', default: '', multiline: true }) },
  outputs: { texts: socket.text({ list: true }) },
  run({ params }) {
    const texts = params.lines
      .split(/\r?\n/)
      .map((line) => line.trim())
      .filter((line) => line !== '')
    checkListLength(texts.length, 'list of texts')
    return { texts }
  },
})
