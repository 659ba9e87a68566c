// Elementwise ops: inputs broadcast, the element type stays.
import { type DType, isFloat, onnxNumberOf } from '../dtype.js'
import type { OpSpec, Tensor, Vjp } from '../ir.js'
import { define, floatDType, numberDType, type Op } from '../op.js'
import { broadcastShapes } from '../shape.js'
import { constant } from '../tensor.js'

const elementwise = (onnx: string, vjp: Vjp | null, dtypeOf = numberDType): OpSpec => ({
  onnx,
  vjp,
  infer: (inputs) => ({
    dtype: dtypeOf(onnx, inputs),
    shape: broadcastShapes(onnx, ...inputs.map((x) => x.shape)),
  }),
})

const ofFloats = (onnx: string, vjp: Vjp | null): OpSpec => elementwise(onnx, vjp, floatDType)

/** A number beside a tensor, in its element type. */
const like = (x: Tensor, value: number): Tensor => cast(constant(value), x.dtype)

export const add: Op<2> = define(elementwise('Add', (g) => [g, g]))
export const sub: Op<2> = define(elementwise('Sub', (g) => [g, neg(g)]))
export const mul: Op<2> = define(elementwise('Mul', (g, [a, b]) => [mul(g, b), mul(g, a)]))
export const div: Op<2> = define(elementwise('Div', (g, [, b], y) => [div(g, b), neg(div(mul(g, y), b))]))
export const neg: Op<1> = define(elementwise('Neg', (g) => [neg(g)]))
/** |x|. Its gradient at 0 is 0. */
export const abs: Op<1> = define(elementwise('Abs', (g, [x]) => [mul(g, sign(x))]))
/** −1, 0 or 1. */
export const sign: Op<1> = define(elementwise('Sign', null))
/** To the nearest whole number, halves to even. */
export const round: Op<1> = define(ofFloats('Round', null))
export const exp: Op<1> = define(ofFloats('Exp', (g, _, y) => [mul(g, y)]))
export const log: Op<1> = define(ofFloats('Log', (g, [x]) => [div(g, x)]))
export const sqrt: Op<1> = define(ofFloats('Sqrt', (g, _, y) => [div(g, mul(y, like(y, 2)))]))
export const tanh: Op<1> = define(ofFloats('Tanh', (g, _, y) => [mul(g, sub(like(y, 1), mul(y, y)))]))
export const sigmoid: Op<1> = define(ofFloats('Sigmoid', (g, _, y) => [mul(g, mul(y, sub(like(y, 1), y)))]))

/** The smaller of two. Its gradient goes to the smaller, to the first where they are equal. */
export const minimum: Op<2> = define(elementwise('Min', (g, [a, b]) => throughChosen(g, a, lessOrEqual(a, b))))

/** The larger of two. Its gradient goes to the larger, to the first where they are equal. */
export const maximum: Op<2> = define(elementwise('Max', (g, [a, b]) => throughChosen(g, a, lessOrEqual(b, a))))

function throughChosen(g: Tensor, like: Tensor, isFirst: Tensor): [Tensor, Tensor] {
  const first = cast(isFirst, like.dtype)
  return [mul(g, first), sub(g, mul(g, first))]
}

const comparison = (onnx: string): OpSpec => ({
  onnx,
  vjp: null,
  infer: (inputs) => {
    numberDType(onnx, inputs)
    return { dtype: 'bool', shape: broadcastShapes(onnx, ...inputs.map((x) => x.shape)) }
  },
})

/** a = b, elementwise → bool. */
export const equal: Op<2> = define(comparison('Equal'))
/** a ≤ b, elementwise → bool. */
export const lessOrEqual: Op<2> = define(comparison('LessOrEqual'))

// 2√(2/π) and the cubic coefficient of the tanh form, which is x·σ(z) with z = 2√(2/π)·(x + 0.044715x³).
const [geluScale, geluCubic] = [2 * Math.sqrt(2 / Math.PI), 0.044715]

/** Gaussian error linear unit in its tanh form, as FLUX and T5's gelu_new use it: ½x(1 + tanh(√(2/π)(x + 0.044715x³))). */
export const geluTanh: Op<1> = define({
  // d = σ + y·(1 − σ)·z' with the output y = x·σ. Each op is a pass over the widest tensors there are, so they are few:
  // z = x·p with p = a + b·x², and z' = a + 3b·x² = 3p − 2a.
  ...ofFloats('Gelu', (g, [x], y) => {
    const p = add(mul(mul(x, x), like(x, geluScale * geluCubic)), like(x, geluScale))
    const gate = sigmoid(mul(x, p))
    const slope = sub(mul(p, like(x, 3)), like(x, 2 * geluScale))
    return [mul(g, add(gate, mul(sub(y, mul(y, gate)), slope)))]
  }),
  lower: () => ({ attributes: { approximate: 'tanh' } }),
})

const gatedBySigmoidOp: Op<1, { alpha: number }> = define({
  // s + α·y·(1 − s) with s = sigmoid(αx) and the output y.
  ...ofFloats('QuickGelu', (g, [x], y, { alpha }) => {
    const s = sigmoid(mul(x, like(x, alpha as number)))
    return [mul(g, add(s, mul(mul(y, like(y, alpha as number)), sub(like(s, 1), s))))]
  }),
  domain: 'com.microsoft',
  lower: (_, { alpha }) => ({ attributes: { alpha } }),
})

/** x·sigmoid(αx). One pass instead of two or three, for which there is a kernel of 32 bits alone. */
const gatedBySigmoid = (x: Tensor, alpha: number): Tensor =>
  x.dtype === 'float32' ? gatedBySigmoidOp(x, { alpha }) : mul(x, sigmoid(alpha === 1 ? x : mul(x, like(x, alpha))))

/** x·sigmoid(x). */
export const silu = (x: Tensor): Tensor => gatedBySigmoid(x, 1)

/** x·sigmoid(1.702x), the approximation that OpenAI's CLIP was trained with. */
export const quickGelu = (x: Tensor): Tensor => gatedBySigmoid(x, 1.702)

const castOp: Op<1, { to: DType }> = define({
  onnx: 'Cast',
  vjp: (g, [x]) => [isFloat(x.dtype) ? cast(g, x.dtype) : null],
  infer: ([x], { to }) => ({ dtype: to as DType, shape: x.shape }),
  lower: (_, { to }) => ({ attributes: { to: onnxNumberOf(to as DType) } }),
})

/** Converts elements; a tensor that has the type already is returned as it is. */
export const cast = (x: Tensor, to: DType): Tensor => (x.dtype === to ? x : castOp(x, { to }))
