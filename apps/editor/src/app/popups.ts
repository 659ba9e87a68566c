/** Small windows at a place of the page: which there are, and what each is about. */
import type { Wire } from '../canvas/canvas-surface.js'
import type { Converter } from '../catalogue/compatibility.js'
import type { End, Point } from '../document/graph.js'

export type PopupRequest = { readonly at: Point } & (
  | { readonly kind: 'search' }
  /** Nodes, and sockets of nodes that are there, for a wire; `existing` where the keyboard connects. */
  | { readonly kind: 'wire'; readonly wire: Wire; readonly existing?: boolean }
  | { readonly kind: 'context' }
  | {
      readonly kind: 'refusal'
      readonly reason: string
      readonly wire: Wire
      readonly to: End
      readonly converters: readonly Converter[]
    }
)
