/**
 * Rete's part: the model of the mounted nodes, pan and zoom of the area, React roots of nodes, and the gesture of wires.
 * It holds the nodes near the view only, and owns no state of the document.
 */
import type { ReactElement } from 'react'
import { createRoot } from 'react-dom/client'
import { ClassicPreset, type GetSchemes, NodeEditor } from 'rete'
import { AreaPlugin, Drag, Zoom } from 'rete-area-plugin'
import { ConnectionPlugin, type SocketData } from 'rete-connection-plugin'
import { type ReactArea2D, ReactPlugin } from 'rete-react-plugin'
import type { Point } from '../document/graph.js'
import type { Transform } from './look.js'
import { WireFlow, type WireOwner } from './wire-flow.js'

type StageNode = ClassicPreset.Node
type Schemes = GetSchemes<StageNode, ClassicPreset.Connection<StageNode, StageNode> & { isPseudo?: boolean }>

/** The signal of something to be drawn, as far as it matters here. */
interface Rendered {
  readonly data: { readonly type: string; readonly payload: { readonly id: string } }
}

export const zoomLimits = { least: 0.04, most: 2.5 }

export interface StageOptions {
  readonly render: (id: string) => ReactElement
  readonly wires: WireOwner
  /** Whether a press on the area begins a pan. */
  readonly pans: (event: PointerEvent) => boolean
  readonly onMove: () => void
}

export class Stage {
  readonly #editor = new NodeEditor<Schemes>()
  readonly #area: AreaPlugin<Schemes, ReactArea2D<Schemes>>
  readonly #connection = new ConnectionPlugin<Schemes, ReactArea2D<Schemes>>()
  readonly #mounted = new Set<string>()

  constructor(container: HTMLElement, { render, wires, pans, onMove }: StageOptions) {
    this.#area = new AreaPlugin<Schemes, ReactArea2D<Schemes>>(container)
    const react = new ReactPlugin<Schemes, ReactArea2D<Schemes>>({ createRoot })
    const draw = ({ data }: Rendered) => (data.type === 'node' ? render(data.payload.id) : null)
    react.addPreset<unknown>({ render: (context: Rendered) => draw(context) } as never)
    this.#connection.addPreset(() => new WireFlow<Schemes>(wires))
    this.#editor.use(this.#area)
    this.#area.use(this.#connection)
    this.#area.use(react)
    this.#area.addPipe((context) => {
      if (context.type === 'zoom') {
        const zoom = Math.min(zoomLimits.most, Math.max(zoomLimits.least, context.data.zoom))
        return { ...context, data: { ...context.data, zoom } }
      }
      if (context.type === 'translated' || context.type === 'zoomed') onMove()
      return context
    })
    this.#area.area.setZoomHandler(new WheelZoom(0.1))
    this.#area.area.setDragHandler(new Drag({ down: pans, move: () => true }))
    this.holder.classList.add('stage')
  }

  /** The element that is moved and scaled; world coordinates inside. */
  get holder(): HTMLElement {
    return this.#area.area.content.holder
  }

  get transform(): Transform {
    return this.#area.area.transform
  }

  /** Pointer in world coordinates. */
  get pointer(): Point {
    return this.#area.area.pointer
  }

  get mounted(): ReadonlySet<string> {
    return this.#mounted
  }

  mount(id: string, at: Point): void {
    this.#mounted.add(id)
    const node = new ClassicPreset.Node(id)
    node.id = id
    void this.#editor.addNode(node).then(() => {
      const view = this.#area.nodeViews.get(id)
      // Nodes are dragged by our own gesture: it knows selections, groups and the far view.
      view?.dragHandler.destroy()
      if (!this.#mounted.has(id)) void this.#editor.removeNode(id)
      else this.place(id, at)
    })
  }

  unmount(id: string): void {
    this.#mounted.delete(id)
    if (this.#editor.getNode(id)) void this.#editor.removeNode(id)
  }

  place(id: string, at: Point): void {
    const view = this.#area.nodeViews.get(id)
    if (view && (view.position.x !== at.x || view.position.y !== at.y)) void view.translate(at.x, at.y)
  }

  /** Brings a node in front of the others. */
  raise(id: string): void {
    const element = this.#area.nodeViews.get(id)?.element
    if (element?.nextSibling) this.holder.append(element)
  }

  /** Tells the connection plugin of a socket's element, or that it is gone. */
  socketMounted(element: HTMLElement, data: Omit<SocketData, 'element' | 'type'>): void {
    const payload = new ClassicPreset.Socket('socket')
    void this.#area.emit({ type: 'render', data: { type: 'socket', element, payload, ...data } } as never)
  }

  socketUnmounted(element: HTMLElement): void {
    void this.#area.emit({ type: 'unmount', data: { element } })
  }

  dropWire(): void {
    this.#connection.drop()
  }

  moveTo({ x, y, k }: Transform): void {
    const { area } = this.#area
    void area.zoom(k).then(() => area.translate(x, y))
  }

  destroy(): void {
    for (const id of this.#mounted) this.unmount(id)
    this.#area.destroy()
  }
}

/** Zoom by wheel and pinch; a double click means something else here, and a text field that scrolls keeps its wheel. */
class WheelZoom extends Zoom {
  protected override dblclick = (): void => undefined
  protected override wheel = (event: WheelEvent): void => {
    const scrolls = (event.target as HTMLElement).closest('textarea, .scrolls')
    if (scrolls && document.activeElement === scrolls && scrolls.scrollHeight > scrolls.clientHeight) return
    event.preventDefault()
    const pixels = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? event.deltaY * 32 : event.deltaY
    // Pinches come as small steps of a wheel with Ctrl.
    const delta = Math.min(0.25, Math.max(-0.2, -pixels * (event.ctrlKey ? 0.01 : 0.0012)))
    const { left, top } = this.element.getBoundingClientRect()
    this.onzoom(delta, (left - event.clientX) * delta, (top - event.clientY) * delta, 'wheel')
  }
}
