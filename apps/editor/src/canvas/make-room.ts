/** Keeps boxes of a freshly opened template apart: templates are written by hand, and how tall a node is depends on this editor. */
import type { Tab } from '../app/tab.js'
import type { NodeCatalogue } from '../catalogue/catalogue.js'
import { findGraph, type Point } from '../document/graph.js'
import { moveNodes } from '../document/recipes/nodes.js'
import { overlaps, Scene, type SceneNode } from './scene.js'

const gap = 24

/** Moves nodes that lie under others down, column by column; the order of each column stays. */
export function makeRoom(tab: Tab, catalogue: NodeCatalogue, pictures: ReadonlySet<string>): void {
  const scene = new Scene()
  scene.update(tab.store.document, tab.graph, catalogue, pictures)
  const positions = separated([...scene.nodes.values()])
  if (positions.size > 0) tab.apply({ ...moveNodes(tab.graph, positions), name: 'Make room' })
}

/** True for a document whose nodes have never been placed, as one that a program wrote. */
export function isUnplaced(tab: Tab): boolean {
  const nodes = Object.values(findGraph(tab.store.document, tab.graph)?.nodes ?? {})
  return nodes.length > 1 && nodes.every(({ ui }) => ui?.x === undefined || ui.y === undefined)
}

function separated(boxes: readonly SceneNode[]): Map<string, Point> {
  const placed: { x: number; y: number; w: number; h: number }[] = []
  const moved = new Map<string, Point>()
  for (const box of boxes.toSorted((a, b) => a.y - b.y || a.x - b.x)) {
    const place = { x: box.x, y: box.y, w: box.w, h: box.h }
    for (let again = true; again; ) {
      const under = placed.find((other) => overlaps({ ...place, h: place.h + gap, y: place.y - gap }, other))
      again = under !== undefined
      if (under) place.y = under.y + under.h + gap
    }
    placed.push(place)
    if (place.y !== box.y) moved.set(box.id, { x: place.x, y: place.y })
  }
  return moved
}
