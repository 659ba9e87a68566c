/** A wire on its way: what it hangs on, where it may go, and what becomes of it when it is let go. */
import type { SocketData } from 'rete-connection-plugin'
import { inputGoal, paramGoal, type SocketValue } from '../catalogue/catalogue.js'
import { fits, judge } from '../catalogue/compatibility.js'
import { goalOf, outputOf } from '../catalogue/face.js'
import { type End, type Point, sameEnd } from '../document/graph.js'
import { connect, disconnect, moveLink } from '../document/recipes/links.js'
import type { CanvasSurface, Wire } from './canvas-surface.js'
import type { SceneNode } from './scene.js'
import type { WireOwner } from './wire-flow.js'

export class WirePulling implements WireOwner {
  readonly #canvas: CanvasSurface
  #wire: Wire | undefined
  #moved: { readonly from: End; readonly to: End } | undefined
  #pointer: Point = { x: 0, y: 0 }

  constructor(canvas: CanvasSurface) {
    this.#canvas = canvas
  }

  get wire(): Wire | undefined {
    return this.#wire
  }

  detach(socket: SocketData): SocketData | undefined {
    this.#moved = undefined
    const end = { node: socket.nodeId, socket: socket.key }
    const box = this.#canvas.scene.nodes.get(end.node)
    if (socket.side !== 'input' || !box || goalOf(box.face, end.socket)?.many) return undefined
    const link = this.#canvas.scene.links.find(({ link }) => sameEnd(link.to, end))?.link
    if (!link) return undefined
    this.#moved = { from: link.from, to: link.to }
    return { ...socket, side: 'output', nodeId: link.from.node, key: link.from.socket }
  }

  begin(socket: SocketData): void {
    this.#wire = this.wireFrom({ side: socket.side, node: socket.nodeId, socket: socket.key }, this.#moved)
    this.#canvas.container.classList.add('pulling')
    this.#mark()
    this.follow(this.#pointer)
  }

  /** A wire that hangs on a socket; also for menus that the keyboard opens. */
  wireFrom(
    { side, node, socket }: { side: 'input' | 'output' } & End,
    moved?: { readonly from: End; readonly to: End },
  ): Wire | undefined {
    const face = this.#canvas.scene.nodes.get(node)?.face
    const value = face && (side === 'output' ? outputOf(face, socket) : goalOf(face, socket))
    return value && { side, end: { node, socket }, value, ...(moved && { moved }) }
  }

  /** `pointer` in client coordinates. */
  follow(pointer: Point): void {
    this.#pointer = pointer
    const wire = this.#wire
    if (!wire) return
    const { scene, host } = this.#canvas
    const start = scene.socketPoint(wire.side, wire.end)
    if (!start) return
    const at = this.#canvas.toWorld(pointer)
    const color = host.catalogue.color(wire.value.type)
    const [from, to] = wire.side === 'output' ? [start, at] : [at, start]
    this.#canvas.overlay.set({ wire: { from, to, color } })
  }

  connect(initial: SocketData, socket: SocketData): void {
    const wire = this.wireFrom({ side: initial.side, node: initial.nodeId, socket: initial.key }, this.#moved)
    if (!wire) return
    if (initial.side === socket.side) this.release(initial)
    else this.tryConnect(wire, { node: socket.nodeId, socket: socket.key })
  }

  /** Connects, or says why not. */
  tryConnect(wire: Wire, other: End): boolean {
    const { scene, host } = this.#canvas
    const { tab, catalogue } = host
    const [from, to] = wire.side === 'output' ? [wire.end, other] : [other, wire.end]
    const source = scene.nodes.get(from.node)
    const target = scene.nodes.get(to.node)
    const give = source && outputOf(source.face, from.socket)
    const take = target && goalOf(target.face, to.socket)
    if (!give || !take || from.node === to.node) return false
    if (wire.moved && sameEnd(wire.moved.to, to) && sameEnd(wire.moved.from, from)) return true
    if (!judge(catalogue, give, take).fits) {
      host.refuse(wire, other, this.#pointer)
      return false
    }
    const link = { from, to, many: take.many }
    tab.apply(wire.moved ? moveLink(tab.graph, wire.moved, link) : connect(tab.graph, link))
    return true
  }

  release(initial: SocketData): void {
    const wire = this.wireFrom({ side: initial.side, node: initial.nodeId, socket: initial.key }, this.#moved)
    if (!wire) return
    const { tab } = this.#canvas.host
    const at = this.#canvas.toWorld(this.#pointer)
    const box = this.#canvas.scene.nodes.get(this.#canvas.scene.nodeAt(at, 6)?.id ?? '')
    if (box && box.id !== wire.end.node) {
      // Let go anywhere on a node: its nearest socket that fits.
      const socket = this.#nearest(wire, box, at)
      if (socket !== undefined) this.tryConnect(wire, { node: box.id, socket })
      return
    }
    if (box) return
    if (wire.moved) tab.apply(disconnect(tab.graph, [wire.moved]))
    else this.#canvas.host.openWireMenu(wire, this.#pointer)
  }

  end(): void {
    this.#wire = undefined
    this.#canvas.container.classList.remove('pulling')
    this.#canvas.overlay.set({ wire: undefined })
    this.#mark()
  }

  /** Whether the wire may go into a socket; undefined while there is no wire. */
  accepts(box: SceneNode, side: 'input' | 'output', name: string): boolean | undefined {
    const wire = this.#wire
    if (!wire) return undefined
    if (wire.side === side || wire.end.node === box.id) return false
    const other = side === 'input' ? goalOf(box.face, name) : outputOf(box.face, name)
    return other !== undefined && this.fitsTo(wire, other)
  }

  fitsTo(wire: Wire, other: SocketValue & { readonly many?: boolean }): boolean {
    const { catalogue } = this.#canvas.host
    return wire.side === 'output' ? fits(catalogue, wire.value, other) : fits(catalogue, other, wire.value)
  }

  #nearest(wire: Wire, box: SceneNode, at: Point): string | undefined {
    const side = wire.side === 'output' ? 'input' : 'output'
    const names = (
      side === 'input' ? [...box.face.inputs.map(inputGoal), ...box.face.params.map(paramGoal)] : box.face.outputs
    )
      .map(({ name }) => name)
      .filter((name) => {
        const goal = side === 'input' ? goalOf(box.face, name) : outputOf(box.face, name)
        return goal !== undefined && this.fitsTo(wire, goal)
      })
    const heights = box.layout[side === 'input' ? 'inputs' : 'outputs']
    const far = (name: string): number => Math.abs(box.y + heights.get(name)! - at.y)
    return names.toSorted((a, b) => far(a) - far(b))[0]
  }

  /** Sockets that do not fit step back while a wire is pulled: an attribute on each, no rendering. */
  #mark(): void {
    for (const element of this.#canvas.container.querySelectorAll<HTMLElement>('[data-socket]')) {
      const { side, socket, owner } = element.dataset
      const box = this.#canvas.scene.nodes.get(owner ?? '')
      const verdict = box && this.accepts(box, side as 'input' | 'output', socket ?? '')
      if (verdict === undefined) delete element.dataset.fits
      else element.dataset.fits = String(verdict)
    }
  }
}
