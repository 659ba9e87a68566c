/** What the parts of a canvas know of each other and of the page around: gestures and wires work on a surface for a host. */
import type { Tab } from '../app/tab.js'
import type { NodeCatalogue, SocketValue } from '../catalogue/catalogue.js'
import type { End, Point } from '../document/graph.js'
import type { Rect } from '../document/recipes/frames.js'
import type { Observable } from '../state/observable.js'
import type { Look } from './look.js'
import type { Scene, SceneNode } from './scene.js'
import type { Stage, StageOptions } from './stage.js'

export interface Wire {
  readonly side: 'input' | 'output'
  readonly end: End
  /** What it carries, or what it wants. */
  readonly value: SocketValue & { readonly many?: boolean }
  /** The link that was pulled off, which the gesture moves or removes. */
  readonly moved?: { readonly from: End; readonly to: End }
}

/** What only the app knows, and what it does for the canvas. */
export interface CanvasHost {
  readonly tab: Tab
  readonly catalogue: NodeCatalogue
  render: StageOptions['render']
  /** Nodes that show a picture. */
  pictures(): ReadonlyMap<string, CanvasImageSource | undefined>
  nodeState: Look['nodeState']
  /** A menu at a place of the screen. */
  openSearch(at: Point): void
  openWireMenu(wire: Wire, at: Point): void
  refuse(wire: Wire, to: Wire['end'], at: Point): void
  openContextMenu(at: Point): void
  openNode(id: string): void
  /** The words of the selected group or note. */
  openFrame(): void
}

export interface Overlay {
  /** In pixels of the canvas. */
  readonly marquee?: Rect
  /** In world coordinates. */
  readonly wire?: { readonly from: Point; readonly to: Point; readonly color: string }
}

export interface CanvasSurface {
  readonly host: CanvasHost
  readonly container: HTMLElement
  readonly scene: Scene
  readonly stage: Stage
  readonly overlay: Observable<Overlay>
  /** From the screen (client coordinates) to the world. */
  toWorld(point: Point): Point
  boxes(ids: Iterable<string>): Map<string, SceneNode>
  /** Marks a link under the pointer. */
  hover(link: number | undefined): void
}
