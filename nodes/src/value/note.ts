import { p } from '@dreamgraph/graph'
import { defineNode } from '../services.js'

/** A remark for people; it has no sockets and never runs by itself. */
export const valueNote = defineNode({
  type: 'value/note',
  version: 1,
  title: 'Note',
  description: 'A remark for people who read the flow.',
  params: { text: p.text({ title: 'Text', default: '', multiline: true }) },
  run: () => ({}),
})
