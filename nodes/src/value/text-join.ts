import { p } from '@dreamgraph/graph'
import { NodesError } from '../errors.js'
import { defineNode } from '../services.js'
import { socket } from '../sockets.js'

/** Fills `{a}` … `{d}` in a template with texts; numbers and seeds become texts on their way in. */
export const valueTextJoin = defineNode({
  type: 'value/text-join',
  version: 1,
  title: 'Join texts',
  description: 'Puts texts, numbers and seeds into a template: "a photo of {a} in {b}". {{ and }} are plain braces.',
  inputs: {
    a: socket.text({ optional: true }),
    b: socket.text({ optional: true }),
    c: socket.text({ optional: true }),
    d: socket.text({ optional: true }),
  },
  params: { template: p.text({ title: 'Template', default: '{a} {b}', multiline: true }) },
  outputs: { text: socket.text() },
  run({ inputs, params }) {
    const values = new Map(Object.entries(inputs).filter(([, value]) => value !== undefined))
    const text = params.template.replace(/\{\{|\}\}|\{([^{}]*)\}|[{}]/g, (match, name: string | undefined) => {
      if (match === '{{' || match === '}}') return match[0]!
      const value = name === undefined ? undefined : values.get(name)
      if (value !== undefined) return value
      const rule = `{${[...values.keys()].join('}, {') || 'nothing, as no input is linked'}} or doubled braces`
      throw new NodesError('nodes/template-invalid', `template: expected ${rule}, got ${match}`)
    })
    return { text }
  },
})
