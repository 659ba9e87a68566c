/** Another picture for a reference: into the node that opens it, or a new one where there is none. One step of the history. */
import type { NodeCatalogue } from '../catalogue/catalogue.js'
import type { Recipe } from '../document/document-store.js'
import { freeName, type Graph, type GraphName, graphOf, nodePosition } from '../document/graph.js'
import { addLink } from '../document/recipes/links.js'
import { setParam } from '../document/recipes/params.js'
import { nodeTypes, sourceOf } from './references.js'

/** `file` as an upload is named. */
export function setReferencePicture(
  name: GraphName,
  graph: Graph,
  catalogue: NodeCatalogue,
  { node, file }: { readonly node: string; readonly file: string },
): Recipe {
  const loader = loaderOf(graph, node)
  if (loader !== undefined) {
    return { ...setParam(name, { node: loader, param: 'file' }, file), name: 'Change picture', mergeKey: undefined }
  }
  const id = freeName('picture', (taken) => Object.hasOwn(graph.nodes, taken))
  const { x, y } = nodePosition(graph.nodes[node]!)
  const version = catalogue.find(nodeTypes.load)?.version ?? 1
  return {
    name: 'Add picture',
    change: (draft) => {
      const target = graphOf(draft, name)
      target.nodes[id] = { type: nodeTypes.load, version, params: { file }, ui: { x: x - 300, y } }
      addLink(target, { from: { node: id, socket: 'image' }, to: { node, socket: 'image' }, many: false })
    },
  }
}

/** The node that opens the picture of a reference, behind whatever cuts it out. */
export function loaderOf(graph: Graph, node: string): string | undefined {
  let at = sourceOf(graph, { node, socket: 'image' })?.node
  for (let depth = 0; at !== undefined && depth < 50; depth++) {
    if (graph.nodes[at]?.type === nodeTypes.load) return at
    at = sourceOf(graph, { node: at, socket: 'image' })?.node
  }
  return undefined
}
