/** The graph that a gesture touches: the workflow itself, or one of its component definitions. Lookups only. */
import type { Component, Workflow, WorkflowLink, WorkflowNode } from '@dreamgraph/graph'

export type Graph = Workflow | Component

/** Name of a component definition, or null for the workflow itself. */
export type GraphName = string | null

export type End = { readonly node: string; readonly socket: string }

export interface Point {
  readonly x: number
  readonly y: number
}

/** Undefined where the component is gone, as after an undo while it is open. */
export function findGraph(workflow: Workflow, name: GraphName): Graph | undefined {
  if (name === null) return workflow
  const components = workflow.components ?? {}
  return Object.hasOwn(components, name) ? components[name] : undefined
}

/** For recipes: a graph that must be there. */
export function graphOf(workflow: Workflow, name: GraphName): Graph {
  const graph = findGraph(workflow, name)
  if (!graph) throw new Error(`internal: no component "${name}"`)
  return graph
}

export const nodePosition = (node: WorkflowNode): Point => ({ x: node.ui?.x ?? 0, y: node.ui?.y ?? 0 })

export const sameEnd = (a: End, b: End): boolean => a.node === b.node && a.socket === b.socket

export const componentOf = (type: string): string | undefined =>
  type.startsWith('component/') ? type.slice('component/'.length) : undefined

/** `sample`, `sample-2`, …: readable in links and in messages. */
export function freeName(wanted: string, taken: (name: string) => boolean): string {
  const base = wanted.replace(/[^\p{L}\p{N}_.-]+/gu, '-').replace(/^-+|-+$/g, '') || 'node'
  if (!taken(base)) return base
  for (let count = 2; ; count++) {
    const name = `${base}-${count}`
    if (!taken(name)) return name
  }
}

export const freeNodeId = (graph: Graph, type: string): string =>
  freeName(type.split('/').at(-1)!, (id) => Object.hasOwn(graph.nodes, id))

/** Position of a waypoint list in a link. The field is ours; files keep it, and other readers pass over it. */
export function waypoints(link: WorkflowLink): readonly Point[] {
  const ui = link.ui as { readonly points?: readonly Point[] } | undefined
  return Array.isArray(ui?.points) ? ui.points : []
}
