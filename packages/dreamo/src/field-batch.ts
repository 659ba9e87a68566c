// Feeds of several evaluations of one layout as a batch, and its results one by one.
import type { TensorData } from '@dreamgraph/runtime'

/** Feeds that are equal for all evaluations of a layout; the others get a row for each. */
const sharedFeeds = new Set(['cos', 'sin', 'segments'])

/** One evaluation each, as a batch of one → all in a batch. */
export function stackedFeeds(feeds: readonly Record<string, TensorData>[]): Record<string, TensorData> {
  const [first] = feeds
  if (feeds.length === 1) return first
  return Object.fromEntries(
    Object.entries(first).map(([name, one]) => [
      name,
      sharedFeeds.has(name) ? one : stacked(feeds.map((each) => each[name])),
    ]),
  )
}

/** [1, …] each → [B, …]. */
function stacked(parts: readonly TensorData[]): TensorData {
  const [{ shape, data }] = parts
  const all = new Float32Array(parts.length * data.length)
  parts.forEach((part, i) => {
    all.set(part.data as Float32Array, i * data.length)
  })
  return { dtype: 'float32', shape: [parts.length, ...shape.slice(1)], data: all }
}

/** The values of one item along an axis before which stand few: its own copy, unless it is all there is. */
export function itemOf({ shape, data }: TensorData, axis: number, item: number): Float32Array {
  const values = data as Float32Array
  const count = shape[axis]
  if (count === 1) return values
  const before = shape.slice(0, axis).reduce((n, size) => n * size, 1)
  const length = values.length / before / count
  const own = new Float32Array(before * length)
  for (let i = 0; i < before; i++) {
    const from = (i * count + item) * length
    own.set(values.subarray(from, from + length), i * length)
  }
  return own
}
