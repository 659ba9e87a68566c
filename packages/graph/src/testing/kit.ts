/** Small nodes and documents that the tests share. */
import { type Catalogue, catalogue } from '../catalogue.js'
import type { Workflow, WorkflowLink, WorkflowNode } from '../document/schema.js'
import { defineNode } from '../node.js'
import { p } from '../param.js'
import { primitiveSockets, sockets } from '../port.js'
import { socketType } from '../socket-type.js'

export const boxType = socketType<{ readonly label: string }>({
  name: 'box',
  title: 'Box',
  color: '#808080',
  digest: ({ label }) => JSON.stringify(label),
})

export const socket = { ...primitiveSockets, ...sockets({ box: boxType }) }

export const constant = defineNode({
  type: 'math/constant',
  version: 1,
  title: 'Constant',
  params: { value: p.int({ default: 0, min: -1000, max: 1000 }) },
  outputs: { value: socket.int() },
  run: ({ params }) => ({ value: params.value }),
})

export const add = defineNode({
  type: 'math/add',
  version: 1,
  title: 'Add',
  aliases: ['math/plus'],
  inputs: { a: socket.int(), b: socket.int({ optional: true }) },
  params: { amount: p.int({ default: 0 }) },
  outputs: { value: socket.int() },
  run: ({ inputs, params }) => ({ value: inputs.a + (inputs.b ?? 0) + params.amount }),
})

export const sum = defineNode({
  type: 'math/sum',
  version: 1,
  title: 'Sum',
  inputs: { items: socket.int({ many: true, optional: true }) },
  outputs: { value: socket.int() },
  run: ({ inputs }) => ({ value: inputs.items.reduce((total, item) => total + item, 0) }),
})

export const range = defineNode({
  type: 'list/range',
  version: 1,
  title: 'Range',
  params: { count: p.int({ default: 3, min: 0, max: 1000 }) },
  outputs: { items: socket.int({ list: true }) },
  run: ({ params }) => ({ items: Array.from({ length: params.count }, (_, index) => index) }),
})

export const total = defineNode({
  type: 'list/total',
  version: 1,
  title: 'Total of a list',
  inputs: { items: socket.int({ list: true }) },
  outputs: { value: socket.int() },
  run: ({ inputs }) => ({ value: inputs.items.reduce((sofar, item) => sofar + item, 0) }),
})

export const spell = defineNode({
  type: 'text/spell',
  version: 3,
  title: 'Spell',
  inputs: { value: socket.text() },
  params: {
    style: p.choice(['plain', 'quoted'], { default: 'plain' }),
    seed: p.seed({ default: 0n }),
    scale: p.float({ default: 1, min: 0, max: 10 }),
    note: p.text(),
  },
  migrate: {
    1: ({ remark, ...params }) => ({ ...params, note: remark ?? '' }),
    2: (params) => ({ ...params, style: params.style === 'fancy' ? 'quoted' : 'plain' }),
  },
  outputs: { text: socket.text() },
  run: ({ inputs, params }) => ({ text: params.style === 'quoted' ? `“${inputs.value}”` : inputs.value }),
})

export const boxed = defineNode({
  type: 'box/make',
  version: 1,
  title: 'Box',
  inputs: { label: socket.text() },
  outputs: { box: socket.box() },
  run: ({ inputs }) => ({ box: { label: inputs.label } }),
})

export const kit: Catalogue<unknown> = catalogue([constant, add, sum, range, total, spell, boxed])

/** A document of nodes and links written "from.output -> to.input". */
export function workflow(
  nodes: Record<string, string | WorkflowNode>,
  links: readonly (string | WorkflowLink)[] = [],
  more: Partial<Workflow> = {},
): Workflow {
  const entries = Object.entries(nodes).map(([id, node]) => [id, typeof node === 'string' ? { type: node } : node])
  return {
    dreamgraph: 2,
    ...more,
    nodes: Object.fromEntries(entries) as Record<string, WorkflowNode>,
    links: links.map((text) => (typeof text === 'string' ? link(text) : text)),
  }
}

export function link(text: string, order?: number): WorkflowLink {
  const [from, to] = text.split(' -> ').map((end) => {
    const dot = end.lastIndexOf('.')
    return { node: end.slice(0, dot), socket: end.slice(dot + 1) }
  })
  return { from: from!, to: to!, ...(order !== undefined && { order }) }
}

export const one = { type: 'math/constant', params: { value: 1 } }

/** A component that doubles `base` and adds `extra`, used once, with nothing fed to it. */
export const twice: Workflow = {
  ...workflow({ both: 'component/double' }),
  components: {
    double: {
      inputs: {
        base: {
          type: 'int',
          to: [
            { node: 'add', socket: 'a' },
            { node: 'add', socket: 'b' },
          ],
        },
        extra: { type: 'int', to: [{ node: 'add', param: 'amount' }] },
      },
      outputs: { value: { type: 'int', from: { node: 'add', socket: 'value' } } },
      nodes: { add: { type: 'math/add' } },
    },
  },
}
