// Look-up in a table.
import { OnnxError } from '../errors.js'
import { define, type Op } from '../op.js'
import { sizeOf } from '../shape.js'
import { constantInt64 } from '../tensor.js'
import { cast, equal } from './elementwise.js'
import { matmul } from './linalg.js'
import { reshape } from './movement.js'

/** Rows of a table by index: table [n, ..], indices int64 [..i] → [..i, ..]. */
export const gather: Op<2> = define({
  onnx: 'Gather',
  // Adds each gradient row to the table row it came from: a product with the one-hot matrix of the indices.
  vjp: (g, [table, indices]) => {
    const [rows, ...rest] = table.shape
    const count = sizeOf(indices.shape)
    const range = constantInt64(
      Array.from({ length: rows }, (_, row) => row),
      [rows, 1],
    )
    const oneHot = cast(equal(range, reshape(indices, { shape: [1, count] })), g.dtype) // [rows, count]
    const sums = matmul(oneHot, reshape(g, { shape: [count, sizeOf(rest)] }))
    return [reshape(sums, { shape: table.shape }), null]
  },
  infer: ([table, indices]) => {
    if (indices.dtype !== 'int64') {
      throw new OnnxError('onnx/dtype', `Gather: expected int64 indices, got ${indices.dtype}`)
    }
    if (table.shape.length === 0) throw new OnnxError('onnx/shape', 'Gather: expected a table with rows, got a scalar')
    return { dtype: table.dtype, shape: [...indices.shape, ...table.shape.slice(1)] }
  },
  lower: () => ({ attributes: { axis: 0 } }),
})
