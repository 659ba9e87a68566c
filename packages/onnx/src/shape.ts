// Shapes are concrete numbers: a graph is built for the sizes it runs with, so every mismatch is found while building.
import { OnnxError } from './errors.js'

export type Shape = readonly number[]

/** Number of elements. */
export const sizeOf = (shape: Shape): number => shape.reduce((n, d) => n * d, 1)

export const sameShape = (a: Shape, b: Shape): boolean => a.length === b.length && a.every((d, i) => d === b[i])

export const printShape = (shape: Shape): string => `[${shape.join(',')}]`

/** Throws `onnx/shape` unless every dimension is a whole number from 1 on. */
export function checkShape(where: string, shape: Shape): void {
  if (shape.every((d) => Number.isSafeInteger(d) && d > 0)) return
  throw new OnnxError('onnx/shape', `${where}: expected positive whole dimensions, got ${printShape(shape)}`)
}

/** Axis in 0..rank-1 from an axis that may count from the end. Throws `onnx/attribute`. */
export function axisOf(where: string, axis: number, rank: number): number {
  const at = axis < 0 ? axis + rank : axis
  if (!Number.isInteger(at) || at < 0 || at >= rank) {
    throw new OnnxError('onnx/attribute', `${where}: expected an axis of ${rank} dimensions, got ${axis}`)
  }
  return at
}

/** NumPy broadcasting of any number of shapes. Throws `onnx/shape`. */
export function broadcastShapes(where: string, ...shapes: Shape[]): number[] {
  const rank = Math.max(...shapes.map((s) => s.length))
  return Array.from({ length: rank }, (_, i) => {
    let dim = 1
    for (const shape of shapes) {
      const d = shape[shape.length - rank + i] ?? 1
      if (d === 1 || d === dim) continue
      if (dim !== 1) {
        throw new OnnxError(
          'onnx/shape',
          `${where}: expected shapes that broadcast, got ${shapes.map(printShape).join(' and ')}`,
        )
      }
      dim = d
    }
    return dim
  })
}

/** [.., m, k] × [.., k, n] → [.., m, n]; leading axes broadcast. Throws `onnx/shape`. */
export function matmulShape(where: string, a: Shape, b: Shape): number[] {
  if (a.length < 2 || b.length < 2 || a[a.length - 1] !== b[b.length - 2]) {
    throw new OnnxError(
      'onnx/shape',
      `${where}: expected [.., m, k] × [.., k, n], got ${printShape(a)} × ${printShape(b)}`,
    )
  }
  return [...broadcastShapes(where, a.slice(0, -2), b.slice(0, -2)), a[a.length - 2], b[b.length - 1]]
}
