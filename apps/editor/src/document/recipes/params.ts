/** Gestures on params. A param that a declared input feeds is edited there: its own value would never be read. */
import type { JsonValue } from '@dreamgraph/graph'
import type { Recipe } from '../document-store.js'
import { type GraphName, graphOf } from '../graph.js'
import { inputOf } from './interface.js'

/** `undefined` goes back to the default of the node type. */
export function setParam(
  graph: GraphName,
  { node, param, title = param }: { node: string; param: string; title?: string },
  value: JsonValue | undefined,
): Recipe {
  return {
    name: `Set ${title}`,
    mergeKey: `param/${graph}/${node}/${param}`,
    change: (draft) => {
      const target = graphOf(draft, graph)
      const owner = target.nodes[node]
      if (!owner) return
      const input = inputOf(target, { node, socket: param })?.[1]
      if (input) {
        if (value === undefined) delete input.default
        else input.default = value
      } else if (value !== undefined) {
        owner.params ??= {}
        owner.params[param] = value
      } else if (owner.params) delete owner.params[param]
    },
  }
}
