/** Gestures on groups and notes: what lies around and beside the nodes. They are known by their place in the list. */
import type { Workflow } from '@dreamgraph/graph'
import type { Recipe } from '../document-store.js'
import { type GraphName, graphOf, nodePosition, type Point } from '../graph.js'

export interface Rect extends Point {
  readonly w: number
  readonly h: number
}

export type Frame = 'groups' | 'notes'

export function addGroup(graph: GraphName, rect: Rect, title = 'Group'): Recipe {
  return {
    name: 'Group',
    change: (draft) => {
      const target = graphOf(draft, graph)
      target.groups = [...(target.groups ?? []), { title, ...rounded(rect) }]
    },
  }
}

export function addNote(graph: GraphName, at: Point, text = ''): Recipe {
  return {
    name: 'Add note',
    change: (draft) => {
      const target = graphOf(draft, graph)
      target.notes = [...(target.notes ?? []), { text, ...rounded({ ...at, w: 260, h: 120 }) }]
    },
  }
}

/** Title of a group or text of a note, colour, place and size. */
export function setFrame(
  graph: GraphName,
  kind: Frame,
  index: number,
  change: Partial<Rect> & { readonly title?: string; readonly text?: string; readonly color?: string },
  key = `${kind}/${graph}/${index}/${Object.keys(change).join()}`,
): Recipe {
  const name = kind === 'groups' ? 'Change group' : 'Change note'
  return {
    name,
    mergeKey: key,
    change: (draft) => {
      const frame = graphOf(draft, graph)[kind]?.[index]
      if (!frame) return
      Object.assign(frame, change)
      if ('color' in change && change.color === undefined) delete frame.color
    },
  }
}

/** Moves a group with the nodes and notes inside it. */
export function moveGroup(
  graph: GraphName,
  index: number,
  { to, nodes, key }: { to: Point; nodes: readonly string[]; key: string },
): Recipe {
  return {
    name: 'Move group',
    mergeKey: key,
    change: (draft) => {
      const target = graphOf(draft, graph)
      const group = target.groups?.[index]
      if (!group) return
      const dx = Math.round(to.x) - group.x
      const dy = Math.round(to.y) - group.y
      for (const note of target.notes ?? []) {
        if (!isInside(note, group)) continue
        note.x += dx
        note.y += dy
      }
      group.x += dx
      group.y += dy
      for (const id of nodes) {
        const node = target.nodes[id]
        if (!node) continue
        const at = nodePosition(node)
        node.ui = { ...node.ui, x: at.x + dx, y: at.y + dy }
      }
    },
  }
}

export function removeFrame(graph: GraphName, kind: Frame, index: number): Recipe {
  return {
    name: kind === 'groups' ? 'Ungroup' : 'Delete note',
    change: (draft: Workflow) => {
      graphOf(draft, graph)[kind]?.splice(index, 1)
    },
  }
}

const isInside = (inner: Point, outer: Rect): boolean =>
  inner.x >= outer.x && inner.y >= outer.y && inner.x <= outer.x + outer.w && inner.y <= outer.y + outer.h

const rounded = ({ x, y, w, h }: Rect): Rect => ({
  x: Math.round(x),
  y: Math.round(y),
  w: Math.round(w),
  h: Math.round(h),
})
