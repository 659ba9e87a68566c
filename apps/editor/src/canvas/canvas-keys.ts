/** The keyboard on the canvas: from node to node, from socket to socket, and a wire from the socket one stands on. */
import type { SocketCursor } from '../app/tab.js'
import type { Workspace } from '../app/workspace.js'
import { sameEnd } from '../document/graph.js'
import { moveNodes } from '../document/recipes/nodes.js'
import type { GraphCanvas } from './graph-canvas.js'
import type { SceneNode } from './scene.js'

type Direction = 'left' | 'right' | 'up' | 'down'

const directions: Readonly<Record<string, Direction>> = {
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down',
}

export function canvasKeyDown(event: KeyboardEvent, workspace: Workspace, canvas: GraphCanvas): void {
  if (event.target !== canvas.container) return
  const { tab } = canvas.host
  const direction = directions[event.key]
  if (direction) {
    event.preventDefault()
    event.stopPropagation()
    if (event.altKey) moveCursor(canvas, direction)
    else if (event.ctrlKey || event.metaKey) nudge(canvas, direction, event.shiftKey ? 100 : 10)
    else goToNode(canvas, direction)
    return
  }
  if (event.ctrlKey || event.metaKey || event.altKey) return
  if (event.key === 'Enter') {
    const { cursor, nodes, frame } = tab.view.state
    const [id] = nodes
    event.preventDefault()
    if (cursor) openWire(workspace, canvas, cursor)
    else if (id !== undefined && canvas.scene.nodes.get(id)?.face.component) canvas.host.openNode(id)
    else if (id !== undefined || frame) focusDetails(workspace)
  } else if (event.key === 'Escape') {
    if (canvas.wires.wire) canvas.stage.dropWire()
    else if (tab.view.state.cursor) tab.view.set({ cursor: undefined })
    else if (tab.view.state.nodes.size > 0) tab.clearSelection()
    else if (tab.view.state.trail.length > 0) tab.leaveComponent(tab.view.state.trail.length - 1)
  }
}

/** The nearest node in a direction; sideways distance counts double. */
function goToNode(canvas: GraphCanvas, direction: Direction): void {
  const { tab } = canvas.host
  const [current] = [...tab.view.state.nodes].slice(-1)
  const from = current === undefined ? undefined : canvas.scene.nodes.get(current)
  const boxes = [...canvas.scene.nodes.values()]
  let next: SceneNode | undefined
  if (from) {
    const ahead = boxes.flatMap((box) => {
      const dx = box.x + box.w / 2 - from.x - from.w / 2
      const dy = box.y + box.h / 2 - from.y - from.h / 2
      const along = { left: -dx, right: dx, up: -dy, down: dy }[direction]
      const across = Math.abs(direction === 'left' || direction === 'right' ? dy : dx)
      return box !== from && along > 1 && across < along * 2.5 ? [{ box, far: along + 2 * across }] : []
    })
    next = ahead.sort((a, b) => a.far - b.far)[0]?.box
  } else next = boxes.sort((a, b) => a.x + a.y - b.x - b.y)[0]
  if (!next) return
  tab.select([next.id])
  canvas.reveal(next.id)
}

function nudge(canvas: GraphCanvas, direction: Direction, by: number): void {
  const { tab } = canvas.host
  const [dx, dy] = { left: [-by, 0], right: [by, 0], up: [0, -by], down: [0, by] }[direction] as [number, number]
  const places = [...canvas.boxes(tab.view.state.nodes)].map(
    ([id, box]) => [id, { x: box.x + dx, y: box.y + dy }] as const,
  )
  if (places.length > 0) tab.apply(moveNodes(tab.graph, new Map(places)))
}

function moveCursor(canvas: GraphCanvas, direction: Direction): void {
  const { tab } = canvas.host
  const { cursor, nodes } = tab.view.state
  const id = cursor?.node ?? [...nodes].at(-1)
  const box = id === undefined ? undefined : canvas.scene.nodes.get(id)
  if (!box) return
  const sockets = socketsOf(box)
  const at = cursor ? sockets.findIndex(({ side, socket }) => side === cursor.side && socket === cursor.socket) : -1
  if (direction === 'up' || direction === 'down') {
    const next = sockets[(at + (direction === 'down' ? 1 : -1) + sockets.length) % Math.max(1, sockets.length)]
    if (next) tab.view.set({ cursor: next })
    return
  }
  if (!cursor) return
  // Along the link: from an output to what it feeds, from an input to where it comes from.
  const end = { node: cursor.node, socket: cursor.socket }
  const link = canvas.scene.links.find(({ link }) => sameEnd(cursor.side === 'output' ? link.from : link.to, end))?.link
  const isForward = direction === 'right'
  if (!link || isForward !== (cursor.side === 'output')) return
  const other = isForward ? link.to : link.from
  tab.view.set({
    nodes: new Set([other.node]),
    cursor: { node: other.node, socket: other.socket, side: isForward ? 'input' : 'output' },
  })
  canvas.reveal(other.node)
}

export function socketsOf({ id, face }: SceneNode): SocketCursor[] {
  const inputs = [...face.inputs, ...face.params].map(({ name }) => ({
    node: id,
    side: 'input' as const,
    socket: name,
  }))
  return [...inputs, ...face.outputs.map(({ name }) => ({ node: id, side: 'output' as const, socket: name }))]
}

/** The menu of what may be at the other end: sockets that are there, and new nodes. */
export function openWire(workspace: Workspace, canvas: GraphCanvas, cursor: SocketCursor): void {
  const wire = canvas.wires.wireFrom(cursor)
  const place = canvas.scene.socketPoint(cursor.side, cursor)
  if (!wire || !place) return
  const at = canvas.toScreen(place)
  workspace.page.set({ popup: { kind: 'wire', wire, existing: true, at: { x: at.x + 16, y: at.y } } })
}

/** Shows the panel of details and begins to type there. */
export function focusDetails(workspace: Workspace): void {
  workspace.page.set({ right: 'details' })
  requestAnimationFrame(() =>
    document.querySelector<HTMLElement>('.details :is(input, textarea, select, button:not(.panel-close))')?.focus(),
  )
}
