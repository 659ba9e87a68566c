/** Copy, paste, duplicate. What is copied is JSON text, so that it also travels between tabs and programs. */
import { isJsonObject, type WorkflowLink, type WorkflowNode } from '@dreamgraph/graph'
import type { Recipe } from '../document-store.js'
import { freeName, type Graph, type GraphName, graphOf, nodePosition, type Point } from '../graph.js'

/** Some nodes with the links among them, and links that come into them from nodes that were not copied. */
export interface Fragment {
  readonly nodes: Readonly<Record<string, WorkflowNode>>
  readonly links: readonly WorkflowLink[]
}

/** Values that declared inputs give to the copied nodes become params of the copies. */
export function copyFragment(graph: Graph, ids: Iterable<string>): Fragment {
  const nodes: Record<string, WorkflowNode> = {}
  for (const id of ids) {
    const node = graph.nodes[id]
    if (!node) continue
    const given = Object.values(graph.inputs ?? {}).flatMap((input) =>
      input.to.flatMap(({ node: owner, param }) =>
        owner === id && param !== undefined && input.default !== undefined ? [[param, input.default] as const] : [],
      ),
    )
    nodes[id] =
      given.length === 0
        ? structuredClone(node)
        : structuredClone({ ...node, params: { ...node.params, ...Object.fromEntries(given) } })
  }
  const links = (graph.links ?? []).filter(({ to }) => Object.hasOwn(nodes, to.node))
  return { nodes, links: structuredClone(links) }
}

export function printFragment(fragment: Fragment): string {
  return JSON.stringify({ 'dreamgraph/fragment': 1, ...fragment })
}

/** Undefined for a text that is no fragment. */
export function readFragment(text: string): Fragment | undefined {
  try {
    const value: unknown = JSON.parse(text)
    if (!isJsonObject(value) || value['dreamgraph/fragment'] !== 1) return undefined
    if (!isJsonObject(value.nodes) || !Array.isArray(value.links)) return undefined
    return value as unknown as Fragment
  } catch {
    return undefined
  }
}

/** The ids that the copies get, by the ids that they had. */
export function pastedIds(graph: Graph, fragment: Fragment): Map<string, string> {
  const taken = new Set(Object.keys(graph.nodes))
  return new Map(
    Object.keys(fragment.nodes).map((id) => {
      const free = freeName(id.replace(/-\d+$/, ''), (name) => taken.has(name))
      taken.add(free)
      return [id, free]
    }),
  )
}

/** Links from outside the fragment are kept where their source still is in the graph. */
export function paste(
  graph: GraphName,
  fragment: Fragment,
  { ids, by, name = 'Paste' }: { ids: ReadonlyMap<string, string>; by: Point; name?: string },
): Recipe {
  return {
    name,
    change: (draft) => {
      const target = graphOf(draft, graph)
      const links = target.links ?? []
      for (const [old, node] of Object.entries(fragment.nodes)) {
        const at = nodePosition(node)
        const ui = { ...node.ui, x: Math.round(at.x + by.x), y: Math.round(at.y + by.y) }
        target.nodes[ids.get(old)!] = { ...structuredClone(node), ui }
      }
      for (const link of fragment.links) {
        const from =
          ids.get(link.from.node) ?? (Object.hasOwn(target.nodes, link.from.node) ? link.from.node : undefined)
        if (from === undefined) continue
        const copy = structuredClone(link)
        links.push({ ...copy, from: { ...copy.from, node: from }, to: { ...copy.to, node: ids.get(link.to.node)! } })
      }
      target.links = links
    },
  }
}

/** Upper left corner of what was copied. */
export function fragmentCorner({ nodes }: Fragment): Point {
  const positions = Object.values(nodes).map(nodePosition)
  return { x: Math.min(...positions.map(({ x }) => x)), y: Math.min(...positions.map(({ y }) => y)) }
}
