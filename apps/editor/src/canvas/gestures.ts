/** Pointer gestures on the canvas: select, drag, box, pan, resize, reroute. Wires are pulled by Rete's connection plugin. */
import { linkKey, noSelection } from '../app/tab.js'
import type { Point } from '../document/graph.js'
import type { CanvasSurface } from './canvas-surface.js'
import {
  addWaypoint,
  boxing,
  type Dragging,
  draggingGroup,
  draggingLink,
  draggingNodes,
  resizing,
  resizingGroup,
} from './dragging.js'
import type { WirePulling } from './wire-pulling.js'

export interface Gestures {
  pans(event: PointerEvent): boolean
  stop(): void
}

const controls = 'input, textarea, select, button, a, [role=slider], [data-control]'
const clickSlack = 4

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
