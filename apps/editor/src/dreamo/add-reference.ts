/** One more reference: a picture, a node that encodes it in the next free slot, and all its links; one step of the history. */
import type { NodeCatalogue } from '../catalogue/catalogue.js'
import type { Recipe } from '../document/document-store.js'
import { freeName, type Graph, type GraphName, graphOf, nodePosition } from '../document/graph.js'
import { addLink } from '../document/recipes/links.js'
import { nodesOfType, nodeTypes, referencesOf, sourceOf } from './references.js'

export function addReference(name: GraphName, graph: Graph, catalogue: NodeCatalogue): Recipe {
  const known = referencesOf(graph, catalogue)
  const taken = new Set(known.map(({ slot }) => slot))
  const slot = [1, 2, 3, 4, 5, 6, 7, 8, 9].find((free) => !taken.has(free)) ?? 9
  const isTaken = (id: string): boolean => Object.hasOwn(graph.nodes, id)
  const load = freeName(`picture-${slot}`, isTaken)
  const encode = freeName(`reference-${slot}`, isTaken)
  const [packer] = nodesOfType(graph, nodeTypes.packer)
  const last = known.at(-1)
  // Where the others have their model and size from, the new one has them too.
  const model = sourceOf(graph, { node: last?.node ?? nodesOfType(graph, nodeTypes.text)[0] ?? '', socket: 'model' })
  const resolution = last && sourceOf(graph, { node: last.node, socket: 'resolution' })
  const lowest = Object.values(graph.nodes).map(nodePosition)
  const y = last ? nodePosition(graph.nodes[last.node]!).y + 290 : Math.max(0, ...lowest.map((point) => point.y)) + 320
  const x = last ? nodePosition(graph.nodes[last.node]!).x : 320
  return {
    name: `Add reference ${slot}`,
    change: (draft) => {
      const target = graphOf(draft, name)
      target.nodes[load] = { type: nodeTypes.load, version: 1, ui: { x: x - 300, y } }
      target.nodes[encode] = { type: nodeTypes.reference, version: 1, params: { slot }, ui: { x, y } }
      addLink(target, { from: { node: load, socket: 'image' }, to: { node: encode, socket: 'image' }, many: false })
      if (model) addLink(target, { from: model, to: { node: encode, socket: 'model' }, many: false })
      if (resolution) addLink(target, { from: resolution, to: { node: encode, socket: 'resolution' }, many: false })
      if (packer === undefined) return
      addLink(target, {
        from: { node: encode, socket: 'reference' },
        to: { node: packer, socket: 'references' },
        many: true,
      })
    },
  }
}
