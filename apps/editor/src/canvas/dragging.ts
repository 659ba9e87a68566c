/** What dragging does, by what was taken: nodes, a link, a group, a corner, or the empty canvas. Each drag is one step of the history. */
import { linkKey, noSelection } from '../app/tab.js'
import { type Point, waypoints } from '../document/graph.js'
import { moveGroup, setFrame } from '../document/recipes/frames.js'
import { setWaypoints } from '../document/recipes/links.js'
import { moveNodes, resizeNode } from '../document/recipes/nodes.js'
import type { CanvasSurface } from './canvas-surface.js'
import { metrics } from './node-layout.js'
import type { SceneGroup, SceneLink } from './scene.js'

/** What happens while the button is down. */
export interface Dragging {
  move(event: PointerEvent): void
  up?(event: PointerEvent, moved: boolean): void
}

let gestureCount = 0

export function draggingNodes(canvas: CanvasSurface, id: string, at: Point, event: PointerEvent): Dragging {
  const { tab } = canvas.host
  const { nodes } = tab.view.state
  const adds = event.shiftKey || event.ctrlKey || event.metaKey
  const wasSelected = nodes.has(id)
  if (adds && !wasSelected) tab.view.set({ ...noSelection, nodes: new Set([...nodes, id]) })
  else if (!adds && !wasSelected) tab.select([id])
  canvas.stage.raise(id)
  const boxes = canvas.boxes(tab.view.state.nodes)
  const key = `drag/${++gestureCount}`
  return {
    move(event) {
      const now = canvas.toWorld({ x: event.clientX, y: event.clientY })
      const shift = (value: number, by: number): number =>
        event.altKey ? value + by : Math.round((value + by) / 10) * 10
      const places = [...boxes.values()].map(
        (box) => [box.id, { x: shift(box.x, now.x - at.x), y: shift(box.y, now.y - at.y) }] as const,
      )
      tab.apply(moveNodes(tab.graph, new Map(places), key))
    },
    up(_event, moved) {
      if (moved || !wasSelected) return
      if (adds) tab.select([...nodes].filter((other) => other !== id))
      else if (nodes.size > 1) tab.select([id])
    },
  }
}

export function draggingLink(
  canvas: CanvasSurface,
  hit: SceneLink,
  piece: number,
  at: Point,
  event: PointerEvent,
): Dragging {
  const { tab } = canvas.host
  const key = linkKey(hit.link)
  tab.view.set({ ...noSelection, links: new Set(event.shiftKey ? [...tab.view.state.links, key] : [key]) })
  const points = [...waypoints(hit.link)]
  const near = points.findIndex(({ x, y }) => Math.hypot(x - at.x, y - at.y) < 14 / canvas.stage.transform.k)
  if (near < 0 && !event.altKey) return { move: () => undefined }
  if (near < 0) points.splice(piece, 0, at)
  const index = near < 0 ? piece : near
  const gesture = `reroute/${++gestureCount}`
  return {
    move(event) {
      const next = canvas.toWorld({ x: event.clientX, y: event.clientY })
      tab.apply(setWaypoints(tab.graph, hit.link, points.toSpliced(index, 1, next), gesture))
    },
  }
}

/** On a double click: a new waypoint, or none where there was one. */
export function addWaypoint(canvas: CanvasSurface, hit: SceneLink, piece: number, at: Point): void {
  const { tab } = canvas.host
  const points = waypoints(hit.link)
  const near = points.findIndex(({ x, y }) => Math.hypot(x - at.x, y - at.y) < 14 / canvas.stage.transform.k)
  tab.apply(setWaypoints(tab.graph, hit.link, near >= 0 ? points.toSpliced(near, 1) : points.toSpliced(piece, 0, at)))
}

export function draggingGroup(canvas: CanvasSurface, group: SceneGroup, at: Point): Dragging {
  const { tab } = canvas.host
  tab.view.set({ ...noSelection, frame: { kind: 'groups', index: group.index } })
  const nodes = canvas.scene.nodesInside(group)
  const key = `group/${++gestureCount}`
  return {
    move(event) {
      const now = canvas.toWorld({ x: event.clientX, y: event.clientY })
      const to = { x: group.x + now.x - at.x, y: group.y + now.y - at.y }
      tab.apply(moveGroup(tab.graph, group.index, { to, nodes, key }))
    },
  }
}

export function resizingGroup(canvas: CanvasSurface, group: SceneGroup): Dragging {
  const { tab } = canvas.host
  const key = `group-size/${++gestureCount}`
  return {
    move(event) {
      const now = canvas.toWorld({ x: event.clientX, y: event.clientY })
      const size = { w: Math.max(80, Math.round(now.x - group.x)), h: Math.max(60, Math.round(now.y - group.y)) }
      tab.apply(setFrame(tab.graph, 'groups', group.index, size, key))
    },
  }
}

export function resizing(canvas: CanvasSurface, id: string, at: Point): Dragging {
  const { tab } = canvas.host
  const box = canvas.scene.nodes.get(id)!
  const key = `resize/${++gestureCount}`
  tab.select([id])
  return {
    move(event) {
      const now = canvas.toWorld({ x: event.clientX, y: event.clientY })
      const size = { w: Math.max(metrics.minWidth, box.w + now.x - at.x), h: Math.max(60, box.h + now.y - at.y) }
      tab.apply(resizeNode(tab.graph, id, size, key))
    },
  }
}

export function boxing(canvas: CanvasSurface, start: PointerEvent): Dragging {
  const { tab } = canvas.host
  const before = start.shiftKey ? tab.view.state.nodes : new Set<string>()
  const { left, top } = canvas.container.getBoundingClientRect()
  return {
    move(event) {
      const x = Math.min(start.clientX, event.clientX)
      const y = Math.min(start.clientY, event.clientY)
      const w = Math.abs(event.clientX - start.clientX)
      const h = Math.abs(event.clientY - start.clientY)
      canvas.overlay.set({ marquee: { x: x - left, y: y - top, w, h } })
      const corner = canvas.toWorld({ x, y })
      const { k } = canvas.stage.transform
      const inside = canvas.scene.nodesIn({ ...corner, w: w / k, h: h / k }).map(({ id }) => id)
      tab.select([...before, ...inside])
    },
    up: () => canvas.overlay.set({ marquee: undefined }),
  }
}
