// Reductions and softmax.
import { OnnxError } from '../errors.js'
import type { OpSpec, Tensor } from '../ir.js'
import { define, floatDType, type Op } from '../op.js'
import { axisOf } from '../shape.js'

const reduction = (onnx: string): OpSpec => ({
  onnx,
  infer: ([x], { axes }) => {
    const reduced = (axes as readonly number[]).map((axis) => axisOf(onnx, axis, x.shape.length))
    // ONNX reads an empty list as "all axes", which nobody means by it.
    if (reduced.length === 0 || new Set(reduced).size !== reduced.length) {
      throw new OnnxError('onnx/attribute', `${onnx}: expected different axes, at least one, got [${axes}]`)
    }
    return { dtype: floatDType(onnx, [x]), shape: x.shape.map((d, i) => (reduced.includes(i) ? 1 : d)) }
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
    return { dtype: floatDType('Softmax', [x]), shape: x.shape }
  },
})

/** exp(x − max) / Σ over one axis, the last unless told. */
export const softmax = (x: Tensor, axis = -1): Tensor => softmaxOp(x, { axis })
