/** What an execution tells while it runs. `seq` counts from 1 without gaps within one execution. */
import type { Preview } from '../node.js'
import type { NodeReport } from './report.js'

/** Which item of a mapped node: `index` of `count`. */
export interface ItemPosition {
  readonly index: number
  readonly count: number
}

type EventBody =
  | { readonly type: 'run-started'; readonly nodes: number }
  | { readonly type: 'node-started'; readonly node: string }
  | {
      readonly type: 'node-progress'
      readonly node: string
      readonly item?: ItemPosition
      readonly done: number
      readonly total: number
      readonly label?: string
    }
  | { readonly type: 'node-preview'; readonly node: string; readonly item?: ItemPosition; readonly preview: Preview }
  | { readonly type: 'item-finished'; readonly node: string; readonly item: ItemPosition; readonly cached: boolean }
  | { readonly type: 'node-finished'; readonly node: string; readonly report: NodeReport }
  | { readonly type: 'node-cached'; readonly node: string; readonly report: NodeReport }
  | { readonly type: 'node-failed'; readonly node: string; readonly item?: ItemPosition; readonly error: unknown }
  | { readonly type: 'run-finished'; readonly outcome: 'done' | 'failed' | 'cancelled' }

export type ExecutionEvent = EventBody & { readonly seq: number }
export type { EventBody }
