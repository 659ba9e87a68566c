/** Keeps boxes of a freshly opened template apart: templates are written by hand, and how tall a node is depends on this editor. */
import type { Tab } from '../app/tab.js'
import type { NodeCatalogue } from '../catalogue/catalogue.js'
import { findGraph, type Point } from '../document/graph.js'
import { type Rect, setFrame } from '../document/recipes/frames.js'
import { moveNodes } from '../document/recipes/nodes.js'
import { overlaps, Scene } from './scene.js'

const gap = 24

/** Moves what lies under something else down; the order from top to bottom stays. */
export function makeRoom(tab: Tab, catalogue: NodeCatalogue, pictures: ReadonlySet<string>): void {
  const scene = new Scene()
  scene.update(tab.store.document, tab.graph, catalogue, pictures)
  const notes = (scene.graph.notes ?? []).map((note, index) => {
    return { id: index, x: note.x, y: note.y, w: note.w ?? 260, h: note.h ?? 120 }
  })
  const moved = separated([...scene.nodes.values(), ...notes])
  if (moved.size === 0) return
  const nodes = new Map([...moved].flatMap(([id, at]) => (typeof id === 'string' ? [[id, at] as const] : [])))
  tab.apply({
    name: 'Make room',
    change: (draft) => {
      moveNodes(tab.graph, nodes).change(draft)
      for (const [id, at] of moved) if (typeof id === 'number') setFrame(tab.graph, 'notes', id, at).change(draft)
    },
  })
}

/** True for a document whose nodes have never been placed, as one that a program wrote. */
export function isUnplaced(tab: Tab): boolean {
  const nodes = Object.values(findGraph(tab.store.document, tab.graph)?.nodes ?? {})
  return nodes.length > 1 && nodes.every(({ ui }) => ui?.x === undefined || ui.y === undefined)
}

/** Nodes by id, notes by number. */
type Box = Rect & { readonly id: string | number }

function separated(boxes: readonly Box[]): Map<string | number, Point> {
  const placed: Rect[] = []
  const moved = new Map<string | number, Point>()
  for (const box of boxes.toSorted((a, b) => a.y - b.y || a.x - b.x)) {
    const { x, w, h } = box
    let { y } = box
    for (;;) {
      const under = placed.find((other) => overlaps({ x, y: y - gap, w, h: h + gap }, other))
      if (!under) break
      y = under.y + under.h + gap
    }
    placed.push({ x, y, w, h })
    if (y !== box.y) moved.set(box.id, { x, y })
  }
  return moved
}
