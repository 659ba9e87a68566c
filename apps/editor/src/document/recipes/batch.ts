/** A batch: a list of seeds in the place of one, so that all that hangs on it runs once for each. */
import type { Recipe } from '../document-store.js'
import { type End, freeName, type GraphName, graphOf, nodePosition } from '../graph.js'
import { inputOf } from './interface.js'
import { addLink } from './links.js'

export const seedListType = 'value/seed-list'

/** The list begins with the seed that was there. */
export function addSeedBatch(graph: GraphName, to: End, count: number): Recipe {
  return {
    name: `Batch of ${count} seeds`,
    change: (draft) => {
      const target = graphOf(draft, graph)
      const node = target.nodes[to.node]
      if (!node) return
      const start = inputOf(target, to)?.[1].default ?? node.params?.[to.socket] ?? '0'
      const id = freeName('seeds', (name) => Object.hasOwn(target.nodes, name))
      const { x, y } = nodePosition(node)
      const ui = { x: x - 300, y }
      target.nodes[id] = { type: seedListType, version: 1, params: { start, count }, ui }
      addLink(target, { from: { node: id, socket: 'seeds' }, to, many: false })
    },
  }
}
