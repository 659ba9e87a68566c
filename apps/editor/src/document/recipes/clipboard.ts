/** Copy, paste, duplicate. What is copied is JSON text, so that it also travels between tabs and programs. */
import {
  type Component,
  isJsonObject,
  sameJson,
  type Workflow,
  type WorkflowLink,
  type WorkflowNode,
} from '@dreamgraph/graph'
import type { Recipe } from '../document-store.js'
import { componentOf, freeName, type Graph, type GraphName, graphOf, nodePosition, type Point } from '../graph.js'

/** Some nodes with the links among them, and links that come into them from nodes that were not copied. */
export interface Fragment {
  readonly nodes: Readonly<Record<string, WorkflowNode>>
  readonly links: readonly WorkflowLink[]
  /** Definitions of the components that the nodes use, and of those in them. */
  readonly components?: Readonly<Record<string, Component>>
  /** Tells the graph that it was copied from: only there are ids of nodes outside those of the same nodes. */
  readonly source?: string
}

export interface CopyPlace {
  readonly components?: Workflow['components']
  readonly source?: string
}

/** Values that declared inputs give to the copied nodes become params of the copies. */
export function copyFragment(graph: Graph, ids: Iterable<string>, { components, source }: CopyPlace = {}): Fragment {
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
  const used = usedComponents(nodes, components ?? {})
  return {
    nodes,
    links: structuredClone(links),
    ...(Object.keys(used).length > 0 && { components: structuredClone(used) }),
    ...(source !== undefined && { source }),
  }
}

function usedComponents(nodes: Graph['nodes'], all: Readonly<Record<string, Component>>): Record<string, Component> {
  const used: Record<string, Component> = {}
  const visit = (within: Graph['nodes']): void => {
    for (const { type } of Object.values(within)) {
      const name = componentOf(type)
      if (name === undefined || Object.hasOwn(used, name) || !Object.hasOwn(all, name)) continue
      used[name] = all[name]!
      visit(all[name]!.nodes)
    }
  }
  visit(nodes)
  return used
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
    if (value.components !== undefined && !isJsonObject(value.components)) return undefined
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

/**
 * Links from outside the fragment are kept where it is the graph that they were copied from, and their source still there.
 * Components come along; where the workflow has others of their names, under new ones.
 */
export function paste(
  graph: GraphName,
  fragment: Fragment,
  { ids, by, name = 'Paste', source }: { ids: ReadonlyMap<string, string>; by: Point; name?: string; source?: string },
): Recipe {
  return {
    name,
    change: (draft) => {
      const target = graphOf(draft, graph)
      const links = target.links ?? []
      const typeOf = bringComponents(draft, fragment.components ?? {})
      for (const [old, node] of Object.entries(fragment.nodes)) {
        const at = nodePosition(node)
        const ui = { ...node.ui, x: Math.round(at.x + by.x), y: Math.round(at.y + by.y) }
        target.nodes[ids.get(old)!] = { ...structuredClone(node), type: typeOf(node.type), ui }
      }
      for (const link of fragment.links) {
        const isKnown = fragment.source === source && Object.hasOwn(target.nodes, link.from.node)
        const from = ids.get(link.from.node) ?? (isKnown ? link.from.node : undefined)
        if (from === undefined) continue
        const copy = structuredClone(link)
        links.push({ ...copy, from: { ...copy.from, node: from }, to: { ...copy.to, node: ids.get(link.to.node)! } })
      }
      target.links = links
    },
  }
}

/** Adds definitions that the workflow lacks; tells the type under which each is to be used. */
function bringComponents(draft: Workflow, brought: Readonly<Record<string, Component>>): (type: string) => string {
  const own = draft.components ?? {}
  const differs = (name: string) => Object.hasOwn(own, name) && !sameJson(own[name], brought[name])
  const usesRenamed = (name: string) =>
    Object.values(brought[name]!.nodes).some(({ type }) => renamed.has(componentOf(type) ?? ''))
  const renamed = new Set(Object.keys(brought).filter(differs))
  for (let before = -1; before !== renamed.size; ) {
    before = renamed.size
    for (const name of Object.keys(brought)) if (usesRenamed(name)) renamed.add(name)
  }
  const names = new Map<string, string>()
  for (const name of Object.keys(brought)) {
    const isTaken = (free: string) =>
      Object.hasOwn(own, free) || Object.hasOwn(brought, free) || [...names.values()].includes(free)
    names.set(name, renamed.has(name) ? freeName(name, isTaken) : name)
  }
  const typeOf = (type: string): string => {
    const name = names.get(componentOf(type) ?? '')
    return name === undefined ? type : `component/${name}`
  }
  for (const [name, component] of Object.entries(brought)) {
    const free = names.get(name)!
    if (Object.hasOwn(own, free)) continue
    const copy = structuredClone(component)
    for (const node of Object.values(copy.nodes)) node.type = typeOf(node.type)
    draft.components = { ...draft.components, [free]: copy }
  }
  return typeOf
}

/** Upper left corner of what was copied. */
export function fragmentCorner({ nodes }: Fragment): Point {
  const positions = Object.values(nodes).map(nodePosition)
  return { x: Math.min(...positions.map(({ x }) => x)), y: Math.min(...positions.map(({ y }) => y)) }
}
