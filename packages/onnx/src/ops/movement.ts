// Ops that move elements and compute nothing.
import { OnnxError } from '../errors.js'
import type { OpSpec, Tensor } from '../ir.js'
import { apply, define, type Op, sameDType } from '../op.js'
import { axisOf, broadcastShapes, printShape, sameShape, sizeOf } from '../shape.js'

const reshapeOp: Op<1, { shape: readonly number[] }> = define({
  onnx: 'Reshape',
  vjp: (g, [x]) => [reshape(g, { shape: x.shape })],
  infer: ([x], { shape }) => {
    const to = shape as readonly number[]
    if (sizeOf(to) !== sizeOf(x.shape)) {
      throw new OnnxError('onnx/shape', `Reshape: expected ${sizeOf(x.shape)} elements, got ${printShape(to)}`)
    }
    return { dtype: x.dtype, shape: to }
  },
  lower: (_, { shape }) => ({ attributes: {}, operands: [0, shape as readonly number[]] }),
})

/** Same elements in row-major order under another shape; no node when the shape is the same. */
export const reshape = (x: Tensor, { shape }: { shape: readonly number[] }): Tensor =>
  sameShape(x.shape, shape) ? x : reshapeOp(x, { shape })

/** Permutes axes: axis i of the result is axis perm[i] of x. */
export const transpose: Op<1, { perm: readonly number[] }> = define({
  onnx: 'Transpose',
  vjp: (g, _, __, { perm }) => {
    const order = perm as readonly number[]
    return [transpose(g, { perm: order.map((_, axis) => order.indexOf(axis)) })]
  },
  infer: ([x], { perm }) => {
    const order = perm as readonly number[]
    if (!order.toSorted((a, b) => a - b).every((axis, i) => axis === i) || order.length !== x.shape.length) {
      throw new OnnxError(
        'onnx/attribute',
        `Transpose: expected a permutation of ${x.shape.length} axes, got [${order}]`,
      )
    }
    return { dtype: x.dtype, shape: order.map((axis) => x.shape[axis]) }
  },
})

const concatSpec: OpSpec = {
  onnx: 'Concat',
  vjp: (g, inputs, _, { axis }) => {
    const at = axisOf('Concat', axis as number, g.shape.length)
    let from = 0
    return inputs.map(({ shape }) => {
      const to = from + shape[at]
      const part = slice(g, { axis: at, from, to })
      from = to
      return part
    })
  },
  infer: (inputs, attributes) => {
    const [first] = inputs
    const axis = axisOf('Concat', attributes.axis as number, first.shape.length)
    const fits = inputs.every(
      ({ shape }) => shape.length === first.shape.length && shape.every((d, i) => i === axis || d === first.shape[i]),
    )
    if (!fits) {
      const shapes = inputs.map((x) => printShape(x.shape)).join(' ')
      throw new OnnxError('onnx/shape', `Concat: expected shapes that differ on axis ${axis} only, got ${shapes}`)
    }
    const length = inputs.reduce((n, x) => n + x.shape[axis], 0)
    return { dtype: sameDType('Concat', inputs), shape: first.shape.map((d, i) => (i === axis ? length : d)) }
  },
}

/** Joins tensors along an axis; one tensor is returned as it is. */
export const concat = (inputs: readonly Tensor[], { axis }: { axis: number }): Tensor =>
  inputs.length === 1 ? inputs[0] : apply(concatSpec, inputs, { axis })

const sliceOp: Op<1, { axis: number; from: number; to: number }> = define({
  onnx: 'Slice',
  vjp: (g, [x], _, { axis, from, to }) => {
    const after = x.shape[axisOf('Slice', axis as number, x.shape.length)] - (to as number)
    return [pad(g, { axis: axis as number, before: from as number, after })]
  },
  infer: ([x], { axis, from, to }) => {
    const at = axisOf('Slice', axis as number, x.shape.length)
    const [start, end] = [from as number, to as number]
    const isWhole = Number.isInteger(start) && Number.isInteger(end)
    if (!(isWhole && start >= 0 && start < end && end <= x.shape[at])) {
      throw new OnnxError(
        'onnx/attribute',
        `Slice: expected a whole range within 0..${x.shape[at]}, got ${start}..${end}`,
      )
    }
    return { dtype: x.dtype, shape: x.shape.map((d, i) => (i === at ? end - start : d)) }
  },
  lower: (_, { axis, from, to }) => ({
    attributes: {},
    operands: [0, [from as number], [to as number], [axis as number]],
  }),
})

/** Elements from..to (exclusive) of one axis; no node where those are all. */
export function slice(x: Tensor, { axis, from, to }: { axis: number; from: number; to: number }): Tensor {
  const isAll = from === 0 && to === x.shape[axisOf('Slice', axis, x.shape.length)]
  return isAll ? x : sliceOp(x, { axis, from, to })
}

/** Zeros before and after along one axis. */
export const pad: Op<1, { axis: number; before: number; after: number }> = define({
  onnx: 'Pad',
  vjp: (g, [x], _, { axis, before }) => {
    const from = before as number
    const length = x.shape[axisOf('Pad', axis as number, x.shape.length)]
    return [slice(g, { axis: axis as number, from, to: from + length })]
  },
  infer: ([x], { axis, before, after }) => {
    const at = axisOf('Pad', axis as number, x.shape.length)
    const widths = [before as number, after as number]
    if (!widths.every((n) => Number.isSafeInteger(n) && n >= 0)) {
      throw new OnnxError('onnx/attribute', `Pad: expected whole widths from 0, got ${widths.join(' and ')}`)
    }
    return { dtype: x.dtype, shape: x.shape.map((d, i) => (i === at ? d + widths[0] + widths[1] : d)) }
  },
  lower: ([x], { axis, before, after }) => {
    const at = axisOf('Pad', axis as number, x.shape.length)
    const along = (width: number): number[] => x.shape.map((_, i) => (i === at ? width : 0))
    return { attributes: { mode: 'constant' }, operands: [0, [...along(before as number), ...along(after as number)]] }
  },
})

/** Repeats axes of length 1 until the shape is reached. */
export const expand: Op<1, { shape: readonly number[] }> = define({
  onnx: 'Expand',
  vjp: (g) => [g], // the walker sums over what was repeated
  infer: ([x], { shape }) => {
    const to = shape as readonly number[]
    if (!sameShape(broadcastShapes('Expand', x.shape, to), to)) {
      throw new OnnxError(
        'onnx/shape',
        `Expand: expected a shape that ${printShape(x.shape)} broadcasts to, got [${to}]`,
      )
    }
    return { dtype: x.dtype, shape: to }
  },
  lower: (_, { shape }) => ({ attributes: {}, operands: [0, shape as readonly number[]] }),
})
