/** What the painter is told besides the scene: the view, the colours, and what is chosen, mounted or running. */
import type { PaintTheme } from './paint-theme.js'

export interface Transform {
  readonly x: number
  readonly y: number
  readonly k: number
}

export interface Look {
  readonly theme: PaintTheme
  readonly selectedNodes: ReadonlySet<string>
  /** Keys of links. */
  readonly selectedLinks: ReadonlySet<string>
  readonly hoveredLink?: number
  /** Nodes that stand in the DOM and are not painted. */
  readonly mounted: ReadonlySet<string>
  /** Progress and state of nodes while they run. */
  readonly nodeState: (id: string) => 'running' | 'done' | 'cached' | 'failed' | 'problem' | undefined
  readonly picture: (id: string) => CanvasImageSource | undefined
}
