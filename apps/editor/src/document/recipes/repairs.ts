/** Gestures that mend what the checker finds, where no other gesture does. */
import type { Recipe } from '../document-store.js'
import { type GraphName, graphOf } from '../graph.js'

/** A misspelt param gets the name that was meant; a value under that name stays. */
export function renameParam(graph: GraphName, node: string, from: string, to: string): Recipe {
  return {
    name: `Rename param ${from}`,
    change: (draft) => {
      const params = graphOf(draft, graph).nodes[node]?.params
      if (!params || !Object.hasOwn(params, from)) return
      if (!Object.hasOwn(params, to)) params[to] = params[from]!
      delete params[from]
    },
  }
}

/** Params and links stay; those that the new type lacks are the next finding. */
export function setNodeType(graph: GraphName, id: string, type: string): Recipe {
  return {
    name: `Make it ${type}`,
    change: (draft) => {
      const node = graphOf(draft, graph).nodes[id]
      if (node) node.type = type
    },
  }
}
