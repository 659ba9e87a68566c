/** Pointer gestures on the canvas: select, drag, box, pan, resize, reroute. Wires are pulled by Rete's connection plugin. */
import { linkKey, noSelection } from '../app/tab.js'
import type { Point } from '../document/graph.js'
import { waypoints } from '../document/graph.js'
import { moveGroup, setFrame } from '../document/recipes/frames.js'
import { setWaypoints } from '../document/recipes/links.js'
import { moveNodes, resizeNode } from '../document/recipes/nodes.js'
import type { CanvasSurface } from './canvas-surface.js'
import type { SceneGroup, SceneLink } from './scene.js'
import type { WirePulling } from './wire-pulling.js'

/** What happens while the button is down. */
interface Dragging {
  move(event: PointerEvent): void
  up?(event: PointerEvent, moved: boolean): void
}

export interface Gestures {
  pans(event: PointerEvent): boolean
  stop(): void
}

const controls = 'input, textarea, select, button, a, [role=slider], [data-control]'
const clickSlack = 4
let gestureCount = 0

export function attachGestures(canvas: CanvasSurface, wires: Pick<WirePulling, 'follow'>): Gestures {
  const { container, host } = canvas
  const { tab } = host
  let dragging: Dragging | undefined
  let start: Point = { x: 0, y: 0 }
  let moved = false
  let pan: PointerEvent | undefined

  const begin = (event: PointerEvent): Dragging | 'pan' | undefined => {
    const target = event.target as HTMLElement
    if (event.button === 1) return 'pan'
    if (event.button !== 0 || target.closest('[data-socket], [data-note]')) return undefined
    const mounted = target.closest<HTMLElement>('[data-node]')
    if (mounted && target.closest(controls)) {
      if (!tab.view.state.nodes.has(mounted.dataset.node!)) tab.select([mounted.dataset.node!])
      return undefined
    }
    const at = canvas.toWorld({ x: event.clientX, y: event.clientY })
    if (mounted && target.closest('[data-resize]')) return resizing(canvas, mounted.dataset.node!, at)
    const id = mounted?.dataset.node ?? (isSurface(target) ? canvas.scene.nodeAt(at)?.id : undefined)
    if (id !== undefined) return draggingNodes(canvas, id, at, event)
    if (!isSurface(target)) return undefined
    const hit = canvas.scene.linkAt(at, 7 / canvas.stage.transform.k)
    if (hit) return draggingLink(canvas, hit.link, hit.piece, at, event)
    const group = canvas.scene.groupAt(at)
    if (group) return draggingGroup(canvas, group, at)
    const corner = canvas.scene.groups.find(
      ({ x, y, w, h }) => Math.hypot(x + w - at.x, y + h - at.y) < 16 / Math.min(1, canvas.stage.transform.k),
    )
    if (corner) return resizingGroup(canvas, corner)
    return event.shiftKey || event.ctrlKey || event.metaKey ? boxing(canvas, event) : 'pan'
  }

  const isSurface = (target: HTMLElement): boolean =>
    target === container || target === canvas.stage.holder || target.tagName === 'CANVAS'

  const down = (event: PointerEvent): void => {
    start = { x: event.clientX, y: event.clientY }
    moved = false
    wires.follow(start)
    const found = begin(event)
    pan = found === 'pan' ? event : undefined
    dragging = found === 'pan' ? undefined : found
    if (found) {
      if (!(document.activeElement instanceof HTMLElement && document.activeElement === container))
        container.focus({ preventScroll: true })
      host.tab.store.endMerge()
      if (dragging) event.preventDefault()
    }
  }
  const move = (event: PointerEvent): void => {
    wires.follow({ x: event.clientX, y: event.clientY })
    if (Math.hypot(event.clientX - start.x, event.clientY - start.y) > clickSlack) moved = true
    if (dragging && moved) dragging.move(event)
    else if (!dragging && !pan && event.buttons === 0) hover(canvas, event)
  }
  const up = (event: PointerEvent): void => {
    dragging?.up?.(event, moved)
    if (dragging) host.tab.store.endMerge()
    if (pan && !moved && event.button === 0 && !event.shiftKey) tab.clearSelection()
    dragging = undefined
    pan = undefined
  }
  const doubleClick = (event: MouseEvent): void => {
    const target = event.target as HTMLElement
    const mounted = target.closest<HTMLElement>('[data-node]')
    const client = { x: event.clientX, y: event.clientY }
    const at = canvas.toWorld(client)
    if (mounted && target.closest(controls)) return
    const id = mounted?.dataset.node ?? (isSurface(target) ? canvas.scene.nodeAt(at)?.id : undefined)
    if (id !== undefined) {
      host.openNode(id)
      return
    }
    if (!isSurface(target)) return
    const hit = canvas.scene.linkAt(at, 7 / canvas.stage.transform.k)
    if (hit) addWaypoint(canvas, hit.link, hit.piece, at)
    else if (canvas.scene.groupAt(at)) host.openFrame()
    else host.openSearch(client)
  }
  const contextMenu = (event: MouseEvent): void => {
    const target = event.target as HTMLElement
    if (target.closest('input, textarea')) return
    event.preventDefault()
    const client = { x: event.clientX, y: event.clientY }
    const at = canvas.toWorld(client)
    const id = target.closest<HTMLElement>('[data-node]')?.dataset.node ?? canvas.scene.nodeAt(at)?.id
    if (id !== undefined && !tab.view.state.nodes.has(id)) tab.select([id])
    else if (id === undefined) {
      const link = canvas.scene.linkAt(at, 7 / canvas.stage.transform.k)
      const group = canvas.scene.groupAt(at)
      if (link) tab.view.set({ ...noSelection, links: new Set([linkKey(link.link.link)]) })
      else if (group) tab.view.set({ ...noSelection, frame: { kind: 'groups', index: group.index } })
    }
    host.openContextMenu(client)
  }

  container.addEventListener('pointerdown', down, { capture: true })
  window.addEventListener('pointermove', move)
  window.addEventListener('pointerup', up)
  container.addEventListener('dblclick', doubleClick)
  container.addEventListener('contextmenu', contextMenu)
  return {
    pans: (event) => pan === event,
    stop: () => {
      container.removeEventListener('pointerdown', down, { capture: true })
      window.removeEventListener('pointermove', move)
      window.removeEventListener('pointerup', up)
      container.removeEventListener('dblclick', doubleClick)
      container.removeEventListener('contextmenu', contextMenu)
    },
  }
}

function hover(canvas: CanvasSurface, event: PointerEvent): void {
  const isCanvas = (event.target as HTMLElement).tagName === 'CANVAS' || event.target === canvas.container
  if (!isCanvas || canvas.stage.transform.k < 0.2) {
    canvas.hover(undefined)
    return
  }
  const at = canvas.toWorld({ x: event.clientX, y: event.clientY })
  const box = canvas.scene.nodeAt(at)
  canvas.hover(box ? undefined : canvas.scene.linkAt(at, 6 / canvas.stage.transform.k)?.link.index)
}

function draggingNodes(canvas: CanvasSurface, id: string, at: Point, event: PointerEvent): Dragging {
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

function draggingLink(canvas: CanvasSurface, hit: SceneLink, piece: number, at: Point, event: PointerEvent): Dragging {
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
function addWaypoint(canvas: CanvasSurface, hit: SceneLink, piece: number, at: Point): void {
  const { tab } = canvas.host
  const points = waypoints(hit.link)
  const near = points.findIndex(({ x, y }) => Math.hypot(x - at.x, y - at.y) < 14 / canvas.stage.transform.k)
  tab.apply(setWaypoints(tab.graph, hit.link, near >= 0 ? points.toSpliced(near, 1) : points.toSpliced(piece, 0, at)))
}

function draggingGroup(canvas: CanvasSurface, group: SceneGroup, at: Point): Dragging {
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

function resizingGroup(canvas: CanvasSurface, group: SceneGroup): Dragging {
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

function resizing(canvas: CanvasSurface, id: string, at: Point): Dragging {
  const { tab } = canvas.host
  const box = canvas.scene.nodes.get(id)!
  const key = `resize/${++gestureCount}`
  tab.select([id])
  return {
    move(event) {
      const now = canvas.toWorld({ x: event.clientX, y: event.clientY })
      const size = { w: Math.max(180, box.w + now.x - at.x), h: Math.max(60, box.h + now.y - at.y) }
      tab.apply(resizeNode(tab.graph, id, size, key))
    },
  }
}

function boxing(canvas: CanvasSurface, start: PointerEvent): Dragging {
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
