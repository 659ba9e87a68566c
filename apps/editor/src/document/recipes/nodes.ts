/** Gestures on nodes: add, remove, move, title, mode, colour, size. */
import type { JsonValue, WorkflowNode } from '@dreamgraph/graph'
import type { Recipe } from '../document-store.js'
import { type GraphName, graphOf, nodePosition, type Point } from '../graph.js'
import { pruneInterface } from './interface.js'

export interface NewNode {
  readonly id: string
  readonly type: string
  readonly version?: number
  readonly at: Point
  readonly params?: Readonly<Record<string, JsonValue>>
  /** Shown in the history. */
  readonly title?: string
}

export function addNode(graph: GraphName, { id, type, version, at, params, title = type }: NewNode): Recipe {
  return {
    name: `Add ${title}`,
    change: (draft) => {
      graphOf(draft, graph).nodes[id] = {
        type,
        ...(version !== undefined && { version }),
        ...(params && { params: { ...params } }),
        ui: { x: Math.round(at.x), y: Math.round(at.y) },
      }
    },
  }
}

/** Removes nodes with their links and with what the workflow's inputs and outputs say of them. */
export function removeNodes(graph: GraphName, ids: Iterable<string>): Recipe {
  const gone = new Set(ids)
  return {
    name: gone.size === 1 ? 'Delete node' : `Delete ${gone.size} nodes`,
    change: (draft) => {
      const target = graphOf(draft, graph)
      for (const id of gone) delete target.nodes[id]
      if (target.links?.some(({ from, to }) => gone.has(from.node) || gone.has(to.node))) {
        target.links = target.links.filter(({ from, to }) => !gone.has(from.node) && !gone.has(to.node))
      }
      pruneInterface(target, (node) => gone.has(node))
    },
  }
}

/** `key` names the gesture (one drag), so that its many steps are one entry of the history. */
export function moveNodes(graph: GraphName, positions: ReadonlyMap<string, Point>, key?: string): Recipe {
  return {
    name: positions.size === 1 ? 'Move node' : `Move ${positions.size} nodes`,
    ...(key !== undefined && { mergeKey: key }),
    change: (draft) => {
      const { nodes } = graphOf(draft, graph)
      for (const [id, { x, y }] of positions) {
        const node = nodes[id]
        if (node) place(node, Math.round(x), Math.round(y))
      }
    },
  }
}

function place(node: WorkflowNode, x: number, y: number): void {
  const at = nodePosition(node)
  if (at.x === x && at.y === y) return
  if (node.ui) {
    node.ui.x = x
    node.ui.y = y
  } else node.ui = { x, y }
}

export function resizeNode(graph: GraphName, id: string, size: { w: number; h?: number }, key: string): Recipe {
  return {
    name: 'Resize node',
    mergeKey: key,
    change: (draft) => {
      const node = graphOf(draft, graph).nodes[id]
      if (!node) return
      const w = Math.round(size.w)
      const h = size.h === undefined ? undefined : Math.round(size.h)
      node.ui = { ...node.ui, w, ...(h !== undefined && { h }) }
    },
  }
}

export function setTitle(graph: GraphName, id: string, title: string): Recipe {
  return {
    name: 'Rename node',
    mergeKey: `title/${graph}/${id}`,
    change: (draft) => {
      const node = graphOf(draft, graph).nodes[id]
      if (!node) return
      if (title === '') delete node.title
      else node.title = title
    },
  }
}

export type NodeMode = 'mute' | 'bypass'

/** `undefined` lets the nodes run again. */
export function setMode(graph: GraphName, ids: Iterable<string>, mode: NodeMode | undefined): Recipe {
  const names = { mute: 'Mute', bypass: 'Bypass', run: 'Enable' }
  return {
    name: names[mode ?? 'run'],
    change: (draft) => {
      const { nodes } = graphOf(draft, graph)
      for (const id of ids) {
        if (!nodes[id]) continue
        if (mode === undefined) delete nodes[id].mode
        else nodes[id].mode = mode
      }
    },
  }
}

export function setNodeColor(graph: GraphName, ids: Iterable<string>, color: string | undefined): Recipe {
  return {
    name: 'Colour',
    change: (draft) => {
      const { nodes } = graphOf(draft, graph)
      for (const id of ids) {
        const node = nodes[id]
        if (!node) continue
        if (color !== undefined) node.ui = { ...node.ui, color }
        else if (node.ui) delete node.ui.color
      }
    },
  }
}

export function setCollapsed(graph: GraphName, ids: Iterable<string>, collapsed: boolean): Recipe {
  return {
    name: collapsed ? 'Collapse' : 'Expand',
    change: (draft) => {
      const { nodes } = graphOf(draft, graph)
      for (const id of ids) {
        const node = nodes[id]
        if (!node) continue
        if (collapsed) node.ui = { ...node.ui, collapsed }
        else if (node.ui) delete node.ui.collapsed
      }
    },
  }
}
