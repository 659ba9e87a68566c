// Elementwise ops: inputs broadcast, the element type stays.
import type { DType } from '../dtype.js'
import { onnxNumberOf } from '../dtype.js'
import type { OpSpec, Tensor } from '../ir.js'
import { define, floatDType, numberDType, type Op } from '../op.js'
import { broadcastShapes } from '../shape.js'
import { constant } from '../tensor.js'

const elementwise = (onnx: string, dtypeOf = numberDType): OpSpec => ({
  onnx,
  infer: (inputs) => ({
    dtype: dtypeOf(onnx, inputs),
    shape: broadcastShapes(onnx, ...inputs.map((x) => x.shape)),
  }),
})

const ofFloats = (onnx: string): OpSpec => elementwise(onnx, floatDType)

export const add: Op<2> = define(elementwise('Add'))
export const sub: Op<2> = define(elementwise('Sub'))
export const mul: Op<2> = define(elementwise('Mul'))
export const div: Op<2> = define(elementwise('Div'))
export const neg: Op<1> = define(elementwise('Neg'))
export const exp: Op<1> = define(ofFloats('Exp'))
export const sqrt: Op<1> = define(ofFloats('Sqrt'))
export const tanh: Op<1> = define(ofFloats('Tanh'))
export const sigmoid: Op<1> = define(ofFloats('Sigmoid'))

/** Gaussian error linear unit in its tanh form, as FLUX and T5's gelu_new use it. */
export const geluTanh: Op<1> = define({
  ...ofFloats('Gelu'),
  lower: () => ({ attributes: { approximate: 'tanh' } }),
})

/** x·sigmoid(x). */
export const silu = (x: Tensor): Tensor => mul(x, sigmoid(x))

/** x·sigmoid(1.702x), the approximation that OpenAI's CLIP was trained with. */
export const quickGelu = (x: Tensor): Tensor => mul(x, sigmoid(mul(x, cast(constant(1.702), x.dtype))))

const castOp: Op<1, { to: DType }> = define({
  onnx: 'Cast',
  infer: ([x], { to }) => ({ dtype: to as DType, shape: x.shape }),
  lower: (_, { to }) => ({ attributes: { to: onnxNumberOf(to as DType) } }),
})

/** Converts elements; a tensor that has the type already is returned as it is. */
export const cast = (x: Tensor, to: DType): Tensor => (x.dtype === to ? x : castOp(x, { to }))
