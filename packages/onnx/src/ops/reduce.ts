// Reductions and softmax.
import { OnnxError } from '../errors.js'
import type { OpSpec, Tensor, Vjp } from '../ir.js'
import { define, floatDType, type Op } from '../op.js'
import { axisOf, sizeOf } from '../shape.js'
import { constant } from '../tensor.js'
import { cast, div, equal, mul, sub } from './elementwise.js'
import { expand } from './movement.js'

const reduction = (onnx: string, vjp: Vjp): OpSpec => ({
  onnx,
  vjp,
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
export const mean: Op<1, { axes: readonly number[] }> = define(
  reduction('ReduceMean', (g, [x], y) => {
    const share = sizeOf(y.shape) / sizeOf(x.shape)
    return [expand(mul(g, cast(constant(share), x.dtype)), { shape: x.shape })]
  }),
)

/** Sum over axes, which stay with length 1. */
export const sum: Op<1, { axes: readonly number[] }> = define(
  reduction('ReduceSum', (g, [x]) => [expand(g, { shape: x.shape })]),
)

/** Sum of squares over axes, which stay with length 1; one pass where a product and a sum are two. */
export const sumOfSquares: Op<1, { axes: readonly number[] }> = define(
  reduction('ReduceSumSquare', (g, [x]) => [mul(mul(x, cast(constant(2), x.dtype)), g)]),
)

/** Smallest or largest; the gradient is shared evenly by all elements that have that value. */
const extreme = (onnx: string): OpSpec =>
  reduction(onnx, (g, [x], y, { axes }) => {
    const isIt = cast(equal(x, y), x.dtype)
    return [mul(isIt, div(g, sum(isIt, { axes: axes as readonly number[] })))]
  })

/** Smallest over axes, which stay with length 1. */
export const min: Op<1, { axes: readonly number[] }> = define(extreme('ReduceMin'))

/** Largest over axes, which stay with length 1. */
export const max: Op<1, { axes: readonly number[] }> = define(extreme('ReduceMax'))

const softmaxOp: Op<1, { axis: number }> = define({
  onnx: 'Softmax',
  vjp: (g, _, y, { axis }) => [softmaxGradient(g, y, axis as number)],
  infer: ([x], { axis }) => {
    axisOf('Softmax', axis as number, x.shape.length)
    return { dtype: floatDType('Softmax', [x]), shape: x.shape }
  },
})

/** exp(x − max) / Σ over one axis, the last unless told. */
export const softmax = (x: Tensor, axis = -1): Tensor => softmaxOp(x, { axis })

/** Gradient of softmax from that of its output: y·(g − Σ g·y). */
export const softmaxGradient = (g: Tensor, y: Tensor, axis = -1): Tensor =>
  mul(y, sub(g, sum(mul(g, y), { axes: [axis] })))
