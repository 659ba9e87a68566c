import { readWorkflow, type Workflow } from '@dreamgraph/graph'
import { expect, it } from 'vitest'
import { differenceOf } from './difference.js'

const link = (to: string) => ({ from: { node: 'a', socket: 'value' }, to: { node: to, socket: 'value' } })
const first: Workflow = readWorkflow({
  dreamgraph: 2,
  name: 'one',
  nodes: { a: { type: 'value/int', ui: { x: 0, y: 0 } }, b: { type: 'value/int' }, c: { type: 'value/int' } },
  links: [link('b')],
} as never)

it('says which nodes, links and other parts differ; where a node stands is no difference', () => {
  const second: Workflow = readWorkflow({
    dreamgraph: 2,
    name: 'two',
    nodes: {
      a: { type: 'value/int', ui: { x: 500, y: 9 } },
      b: { type: 'value/int', params: { value: 3 } },
      d: { type: 'value/int' },
    },
    links: [link('d')],
  } as never)
  expect(differenceOf(first, second)).toEqual({
    added: ['d'],
    removed: ['c'],
    changed: ['b'],
    linksAdded: 1,
    linksRemoved: 1,
    others: ['name'],
  })
  const same = differenceOf(first, first)
  expect([same.added, same.removed, same.changed, same.others].flat()).toEqual([])
})
