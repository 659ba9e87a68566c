/** Where nodes go when several are put in order at once. Sizes come from the canvas; here is only arithmetic. */
import type { Recipe } from '../document-store.js'
import type { GraphName, Point } from '../graph.js'
import type { Rect } from './frames.js'
import { moveNodes } from './nodes.js'

export type Alignment = 'left' | 'center' | 'right' | 'top' | 'middle' | 'bottom' | 'columns' | 'rows'

export const alignmentNames: Readonly<Record<Alignment, string>> = {
  left: 'Align left',
  center: 'Align centres',
  right: 'Align right',
  top: 'Align top',
  middle: 'Align middles',
  bottom: 'Align bottom',
  columns: 'Space evenly across',
  rows: 'Space evenly down',
}

export function align(graph: GraphName, boxes: ReadonlyMap<string, Rect>, how: Alignment): Recipe {
  return { ...moveNodes(graph, aligned(boxes, how)), name: alignmentNames[how] }
}

/** Result of an automatic layout. */
export function placeNodes(graph: GraphName, positions: ReadonlyMap<string, Point>): Recipe {
  return { ...moveNodes(graph, positions), name: 'Arrange' }
}

export function aligned(boxes: ReadonlyMap<string, Rect>, how: Alignment): Map<string, Point> {
  const all = [...boxes.values()]
  const left = Math.min(...all.map((box) => box.x))
  const right = Math.max(...all.map((box) => box.x + box.w))
  const top = Math.min(...all.map((box) => box.y))
  const bottom = Math.max(...all.map((box) => box.y + box.h))
  if (how === 'columns' || how === 'rows') return spaced(boxes, how === 'columns' ? 'x' : 'y')
  const place: Record<Exclude<Alignment, 'columns' | 'rows'>, (box: Rect) => Point> = {
    left: ({ y }) => ({ x: left, y }),
    center: ({ y, w }) => ({ x: (left + right - w) / 2, y }),
    right: ({ y, w }) => ({ x: right - w, y }),
    top: ({ x }) => ({ x, y: top }),
    middle: ({ x, h }) => ({ x, y: (top + bottom - h) / 2 }),
    bottom: ({ x, h }) => ({ x, y: bottom - h }),
  }
  return new Map([...boxes].map(([id, box]) => [id, place[how](box)]))
}

/** Equal gaps between the first and the last. */
function spaced(boxes: ReadonlyMap<string, Rect>, axis: 'x' | 'y'): Map<string, Point> {
  const size = axis === 'x' ? 'w' : 'h'
  const sorted = [...boxes].toSorted(([, a], [, b]) => a[axis] - b[axis])
  if (sorted.length < 3) return new Map(sorted)
  const first = sorted[0]![1]
  const last = sorted.at(-1)![1]
  const used = sorted.reduce((sum, [, box]) => sum + box[size], 0)
  const gap = (last[axis] + last[size] - first[axis] - used) / (sorted.length - 1)
  let at = first[axis]
  return new Map(
    sorted.map(([id, box]) => {
      const point = { x: box.x, y: box.y, [axis]: at }
      at += box[size] + gap
      return [id, point]
    }),
  )
}
