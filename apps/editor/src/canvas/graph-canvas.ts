/**
 * The canvas of one tab: follows the document, keeps the nodes near the view mounted, and paints the rest. It owns the
 * view (pan, zoom, what is being dragged) and nothing of the document; gestures become recipes.
 */
import type { Point } from '../document/graph.js'
import type { Rect } from '../document/recipes/frames.js'
import { Observable } from '../state/observable.js'
import type { CanvasHost, CanvasSurface, Overlay } from './canvas-surface.js'
import { attachGestures } from './gestures.js'
import type { Look, Transform } from './look.js'
import { type PaintTheme, readPaintTheme } from './paint-theme.js'
import { Painter } from './painter.js'
import { around, overlaps, Scene, type SceneNode } from './scene.js'
import { Stage } from './stage.js'
import { WirePulling } from './wire-pulling.js'

/** Above this zoom nodes are mounted and can be worked with; below they are painted, unless there are but a few. */
const nearZoom = 0.5
const nearZoomOfFew = 0.3
const few = 40
const mountsPerFrame = 6
const cullMargin = 160

export class GraphCanvas implements CanvasSurface {
  readonly scene = new Scene()
  readonly stage: Stage
  readonly wires: WirePulling
  /** Tells of every change of the scene; what is there is read from `scene`. */
  readonly changes = new Observable<{ readonly version: number }>({ version: 0 })
  readonly overlay = new Observable<Overlay>({})
  /** What of the world is seen, for minimap and status bar. */
  readonly view = new Observable<{ readonly transform: Transform; readonly w: number; readonly h: number }>({
    transform: { x: 0, y: 0, k: 1 },
    w: 1,
    h: 1,
  })
  readonly #painter = new Painter()
  readonly #stops: (() => void)[] = []
  #theme: PaintTheme
  #content = 0
  #frame = 0
  #isGone = false
  #hovered: number | undefined
  /** Where `fit` has put the view; while it is still there, it is fitted anew when its room changes. */
  #fitted: Transform | undefined
  #isOpened = false
  readonly host: CanvasHost
  readonly container: HTMLElement

  constructor(container: HTMLElement, host: CanvasHost) {
    this.container = container
    this.host = host
    this.wires = new WirePulling(this)
    container.append(this.#painter.canvas)
    this.#theme = readPaintTheme(container)
    const gestures = attachGestures(this, this.wires)
    this.stage = new Stage(container, {
      render: host.render,
      wires: this.wires,
      pans: gestures.pans,
      onMove: () => this.requestFrame(),
    })
    const resized = new ResizeObserver(() => this.#resize())
    resized.observe(container)
    this.#stops.push(
      gestures.stop,
      () => resized.disconnect(),
      host.tab.store.subscribe(() => this.refresh()),
      host.tab.view.subscribe(() => this.refresh()),
      host.tab.run.subscribe(() => this.refresh()),
    )
    this.refresh()
    this.#resize()
  }

  destroy(): void {
    cancelAnimationFrame(this.#frame)
    this.#isGone = true // pictures that were still on their way ask for a frame
    for (const stop of this.#stops) stop()
    this.stage.destroy()
    this.#painter.canvas.remove()
  }

  /** Reads document, selection and run anew. */
  refresh(): void {
    const { tab, catalogue } = this.host
    const pictures = new Set(this.host.pictures().keys())
    this.scene.update(tab.store.document, tab.graph, catalogue, pictures)
    for (const id of this.stage.mounted) {
      const box = this.scene.nodes.get(id)
      if (box) this.stage.place(id, box)
      else this.stage.unmount(id)
    }
    this.changes.set({ version: this.scene.version })
    this.repaint()
  }

  /** Reads anew whenever something else changes that it shows. */
  refreshOn(other: { readonly subscribe: (listener: () => void) => () => void }): void {
    this.#stops.push(other.subscribe(() => this.refresh()))
  }

  /** Paints anew whenever something else changes by which it only colours. */
  repaintOn(other: { readonly subscribe: (listener: () => void) => () => void }): void {
    this.#stops.push(other.subscribe(() => this.repaint()))
  }

  /** Something other than the transform has changed. */
  repaint(): void {
    this.#content++
    this.requestFrame()
  }

  themeChanged(): void {
    this.#theme = readPaintTheme(this.container)
    this.repaint()
  }

  hover(link: number | undefined): void {
    if (this.#hovered === link) return
    this.#hovered = link
    this.repaint()
  }

  requestFrame(): void {
    if (this.#frame === 0 && !this.#isGone) this.#frame = requestAnimationFrame(() => this.#draw())
  }

  /** From the screen (client coordinates) to the world. */
  toWorld({ x, y }: Point): Point {
    const { left, top } = this.container.getBoundingClientRect()
    const { transform } = this.stage
    return { x: (x - left - transform.x) / transform.k, y: (y - top - transform.y) / transform.k }
  }

  toScreen({ x, y }: Point): Point {
    const { left, top } = this.container.getBoundingClientRect()
    const { transform } = this.stage
    return { x: x * transform.k + transform.x + left, y: y * transform.k + transform.y + top }
  }

  get center(): Point {
    const { left, top, width, height } = this.container.getBoundingClientRect()
    return this.toWorld({ x: left + width / 2, y: top + height / 2 })
  }

  /** Shows all, or the given nodes. */
  fit(ids?: Iterable<string>, most = 1): void {
    const bounds = this.scene.bounds(ids)
    const { w, h } = this.view.state
    if (!bounds || w < 10) return
    const k = Math.min(most, (w - 80) / bounds.w, (h - 100) / bounds.h)
    const x = (w - bounds.w * k) / 2 - bounds.x * k
    const y = (h - bounds.h * k) / 2 - bounds.y * k
    this.#fitted = ids ? undefined : { x, y, k: Math.max(0.05, k) }
    this.stage.moveTo({ x, y, k: Math.max(0.05, k) })
  }

  zoomTo(k: number): void {
    const { x, y } = this.center
    const { w, h } = this.view.state
    this.stage.moveTo({ k, x: w / 2 - x * k, y: h / 2 - y * k })
  }

  centerOn({ x, y }: Point, k = this.stage.transform.k): void {
    const { w, h } = this.view.state
    this.stage.moveTo({ k, x: w / 2 - x * k, y: h / 2 - y * k })
  }

  /** Moves the view as little as needed for a node to be seen. */
  reveal(id: string): void {
    const box = this.scene.nodes.get(id)
    if (!box) return
    const { transform, w, h } = this.view.state
    const { k } = transform
    const edge = 40
    const shift = (low: number, high: number, size: number): number =>
      high - low > size - 2 * edge || low < edge ? edge - low : high > size - edge ? size - edge - high : 0
    const dx = shift(box.x * k + transform.x, (box.x + box.w) * k + transform.x, w)
    const dy = shift(box.y * k + transform.y, (box.y + box.h) * k + transform.y, h)
    if (dx !== 0 || dy !== 0) this.stage.moveTo({ x: transform.x + dx, y: transform.y + dy, k })
  }

  boxes(ids: Iterable<string>): Map<string, SceneNode> {
    return new Map(
      [...ids].flatMap((id) => {
        const box = this.scene.nodes.get(id)
        return box ? [[id, box] as const] : []
      }),
    )
  }

  around(ids: Iterable<string>): Rect | undefined {
    const boxes = [...this.boxes(ids).values()]
    return boxes.length === 0 ? undefined : around(boxes)
  }

  #resize(): void {
    const { width, height } = this.container.getBoundingClientRect()
    if (width === 0 || height === 0) return
    this.view.set({ w: width, h: height })
    this.#painter.resize(width, height)
    const { transform } = this.stage
    const isStillFitted = this.#fitted?.x === transform.x && this.#fitted.y === transform.y
    if (!this.#isOpened || isStillFitted) this.fit()
    this.#isOpened = true
    this.requestFrame()
  }

  #draw(): void {
    this.#frame = 0
    const transform = { ...this.stage.transform }
    this.#mountNear(transform)
    this.#painter.show(this.scene, transform, this.#content, () => this.#look())
    const seen = this.view.state.transform
    if (seen.x !== transform.x || seen.y !== transform.y || seen.k !== transform.k) this.view.set({ transform })
  }

  /** Mounts a few nodes a frame, so that panning into a crowd stays smooth: until then they are painted. */
  #mountNear({ x, y, k }: Transform): void {
    const { mounted } = this.stage
    const { w, h } = this.view.state
    const margin = cullMargin / k
    const near: Rect = { x: -x / k - margin, y: -y / k - margin, w: w / k + 2 * margin, h: h / k + 2 * margin }
    const far: Rect = { x: near.x - 400, y: near.y - 400, w: near.w + 800, h: near.h + 800 }
    const isNear = k > nearZoom || (k > nearZoomOfFew && this.#countIn(near) <= few)
    const focused = document.activeElement?.closest<HTMLElement>('[data-node]')?.dataset.node
    for (const id of mounted) {
      const box = this.scene.nodes.get(id)
      // A field that has the focus is not taken away from under the hands.
      if (box && id !== focused && !(isNear && overlaps(box, far))) this.#unmount(id)
    }
    if (!isNear) return
    let budget = mountsPerFrame
    for (const box of this.scene.nodes.values()) {
      if (mounted.has(box.id) || !overlaps(box, near)) continue
      if (budget-- <= 0) {
        this.requestFrame()
        break
      }
      this.stage.mount(box.id, box)
    }
  }

  #countIn(rect: Rect): number {
    let count = 0
    for (const box of this.scene.nodes.values()) if (overlaps(box, rect)) count++
    return count
  }

  #unmount(id: string): void {
    this.stage.unmount(id)
    this.#content++
  }

  #look(): Look {
    const { view } = this.host.tab
    const pictures = this.host.pictures()
    const { links } = view.state
    return {
      theme: this.#theme,
      selectedNodes: view.state.nodes,
      selectedLinks: links,
      hoveredLink: this.#hovered,
      mounted: this.stage.mounted,
      nodeState: this.host.nodeState,
      picture: (id) => pictures.get(id),
    }
  }
}
