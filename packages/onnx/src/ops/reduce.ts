// Reductions and softmax.
import type { OpSpec, Tensor } from '../ir.js'
import { define, type Op } from '../op.js'
import { axisOf } from '../shape.js'

const reduction = (onnx: string): OpSpec => ({
  onnx,
  infer: ([x], { axes }) => {
    const reduced = (axes as readonly number[]).map((axis) => axisOf(onnx, axis, x.shape.length))
    return { dtype: x.dtype, shape: x.shape.map((d, i) => (reduced.includes(i) ? 1 : d)) }
  },
  lower: (_, { axes }) => ({ attributes: { keepdims: 1 }, operands: [0, axes as readonly number[]] }),
})

/** Mean over axes, which stay with length 1. */
export const mean: Op<1, { axes: readonly number[] }> = define(reduction('ReduceMean'))

/** Sum over axes, which stay with length 1. */
export const sum: Op<1, { axes: readonly number[] }> = define(reduction('ReduceSum'))

const softmaxOp: Op<1, { axis: number }> = define({
  onnx: 'Softmax',
  infer: ([x], { axis }) => {
    axisOf('Softmax', axis as number, x.shape.length)
    return { dtype: x.dtype, shape: x.shape }
  },
})

/** exp(x − max) / Σ over one axis, the last unless told. */
export const softmax = (x: Tensor, axis = -1): Tensor => softmaxOp(x, { axis })
