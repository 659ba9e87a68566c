// Convolution and its transpose; each is the gradient of the other.
import { OnnxError } from '../errors.js'
import type { Attributes, OpSpec, Tensor } from '../ir.js'
import { apply, checkRank, floatDType } from '../op.js'
import { printShape, type Shape, sameShape, sizeOf } from '../shape.js'
import { constantInt64 } from '../tensor.js'
import { gather } from './gather.js'
import { matmul } from './linalg.js'
import { concat, pad, reshape, slice, transpose } from './movement.js'
import { sum } from './reduce.js'

type Pads = readonly [top: number, left: number, bottom: number, right: number]

interface Geometry {
  readonly stride: number
  readonly dilation: number
  readonly pads: Pads
}

const conv: OpSpec = {
  onnx: 'Conv',
  vjp: (g, [x, w, b], _, attributes) => {
    const geometry = geometryOf(attributes)
    const ofInput = inputGradient(x, g, w, geometry)
    const ofBias = b && reshape(sum(g, { axes: [0, 2, 3] }), { shape: b.shape })
    return [ofInput, weightGradient(x, g, w.shape, geometry), ...(ofBias ? [ofBias] : [])]
  },
  infer: (inputs, attributes) => {
    const [x, w, b] = inputs
    checkRank('Conv', x, 4)
    checkRank('Conv', w, 4)
    if (x.shape[1] !== w.shape[1] || (b && !sameShape(b.shape, [w.shape[0]]))) {
      const got = inputs.map((t) => printShape(t.shape)).join(' ')
      throw new OnnxError('onnx/shape', `Conv: expected [b, c, h, w] * [o, c, kh, kw] + [o], got ${got}`)
    }
    const geometry = geometryOf(attributes)
    const sizes = [0, 1].map((axis) => convolved(x.shape[2 + axis], w.shape[2 + axis], geometry, axis))
    return { dtype: floatDType('Conv', inputs), shape: [x.shape[0], w.shape[0], ...sizes] }
  },
  lower: (_, attributes) => ({ attributes: onnxAttributes(geometryOf(attributes)) }),
}

/** x [B, O, h, w], w [O, C, kh, kw] → [B, C, ...size]: spreads each pixel over what a convolution would read for it. */
const convTranspose: OpSpec = {
  onnx: 'ConvTranspose',
  vjp: (g, [x, w], _, attributes) => {
    const geometry = geometryOf(attributes)
    return [apply(conv, [g, w], { ...geometry }), weightGradient(g, x, w.shape, geometry)]
  },
  infer: (inputs, attributes) => {
    const [x, w] = inputs
    checkRank('ConvTranspose', x, 4)
    checkRank('ConvTranspose', w, 4)
    const [geometry, size] = [geometryOf(attributes), attributes.size as Shape]
    const fits = [0, 1].every((axis) => convolved(size[axis], w.shape[2 + axis], geometry, axis) === x.shape[2 + axis])
    if (x.shape[1] !== w.shape[0] || !fits) {
      const rule = `[b, o, h, w] that a convolution of ${printShape(size)} would give, and [o, c, kh, kw]`
      const got = inputs.map((t) => printShape(t.shape)).join(' ')
      throw new OnnxError('onnx/shape', `ConvTranspose: expected ${rule}, got ${got}`)
    }
    return { dtype: floatDType('ConvTranspose', inputs), shape: [x.shape[0], w.shape[1], ...size] }
  },
  lower: ([x, w], attributes) => {
    const [geometry, size] = [geometryOf(attributes), attributes.size as Shape]
    const { stride, dilation, pads } = geometry
    // What a stride leaves over at the far edge has to be named.
    const output_padding = [0, 1].map((axis) => {
      const reach = (x.shape[2 + axis] - 1) * stride + dilation * (w.shape[2 + axis] - 1) + 1
      return size[axis] - (reach - pads[axis] - pads[axis + 2])
    })
    return { attributes: { ...onnxAttributes(geometry), output_padding } }
  },
}

/** 2-D convolution: x [B, C, H, W], w [O, C, kh, kw], b [O]. `pads` is [top, left, bottom, right]. */
export const conv2d = (
  x: Tensor,
  w: Tensor,
  b: Tensor | undefined,
  { stride = 1, pads }: { stride?: number; pads: Pads },
): Tensor => apply(conv, [x, w, ...(b ? [b] : [])], { stride, dilation: 1, pads })

/** Gradient of the input; without strides a convolution with the turned kernel, which is the faster way to say it. */
function inputGradient(x: Tensor, g: Tensor, w: Tensor, geometry: Geometry): Tensor {
  const [kernel, size] = [w.shape.slice(2), x.shape.slice(2)]
  const pads = geometry.pads.map((pad, edge) => kernel[edge % 2] - 1 - pad)
  const isPlain = geometry.stride === 1 && geometry.dilation === 1 && pads.every((pad) => pad >= 0)
  if (!isPlain) return apply(convTranspose, [g, w], { ...geometry, size })
  return apply(conv, [g, turned(w)], { stride: 1, dilation: 1, pads })
}

/** [O, C, kh, kw] → [C, O, kh, kw], turned by half a circle. */
function turned(w: Tensor): Tensor {
  const [out, channels, ...kernel] = w.shape
  const last = sizeOf(kernel) - 1
  const rows = transpose(reshape(w, { shape: [out, channels, last + 1] }), { perm: [2, 1, 0] })
  const backwards = gather(rows, constantInt64(Array.from({ length: last + 1 }, (_, i) => last - i)))
  return reshape(transpose(backwards, { perm: [1, 2, 0] }), { shape: [channels, out, ...kernel] })
}

/** Gradient of the kernel: the input correlated with the output's gradient. */
function weightGradient(x: Tensor, g: Tensor, shape: Shape, geometry: Geometry): Tensor {
  const isPlain = geometry.stride === 1 && geometry.dilation === 1
  return isPlain ? shiftedProducts(x, g, shape, geometry.pads) : correlation(x, g, shape, geometry)
}

/**
 * As a convolution with channels and batch swapped, stride and dilation exchanged. Rows that the stride never reached are
 * cut off.
 */
function correlation(x: Tensor, g: Tensor, shape: Shape, { stride, dilation, pads }: Geometry): Tensor {
  const swapped = { perm: [1, 0, 2, 3] }
  const all = apply(conv, [transpose(x, swapped), transpose(g, swapped)], { stride: dilation, dilation: stride, pads })
  const rows = slice(all, { axis: 2, from: 0, to: shape[2] })
  return transpose(slice(rows, { axis: 3, from: 0, to: shape[3] }), swapped) // [C, O, kh, kw] → [O, C, kh, kw]
}

/**
 * As one product, for a stride of 1: kernels are small against pictures, for which onnxruntime's convolution is slow. With
 * rows laid one behind the other, and those of the gradient widened to the padded width, each place of the kernel reads
 * the padded input from another offset on.
 */
function shiftedProducts(x: Tensor, g: Tensor, [out, channels, ...kernel]: Shape, pads: Pads): Tensor {
  const [batch, , height, width] = x.shape
  const [rows, columns] = g.shape.slice(2)
  const padded = [height + pads[0] + pads[2], width + pads[1] + pads[3]]
  const length = (rows - 1) * padded[1] + columns // from the first to the last pixel of the gradient
  const wide = reshape(widened(g, 3, 0, padded[1] - columns), { shape: [batch, out, rows * padded[1]] })
  const framed = widened(widened(x, 2, pads[0], pads[2]), 3, pads[1], pads[3])
  const flat = reshape(framed, { shape: [batch, channels, sizeOf(padded)] })
  const shifts = Array.from({ length: sizeOf(kernel) }, (_, i) => {
    const from = Math.floor(i / kernel[1]) * padded[1] + (i % kernel[1])
    return slice(flat, { axis: 2, from, to: from + length })
  })
  const columnsOf = transpose(concat(shifts, { axis: 1 }), { perm: [0, 2, 1] }) // [B, length, kh·kw·C]
  const products = matmul(slice(wide, { axis: 2, from: 0, to: length }), columnsOf) // [B, O, kh·kw·C]
  const all = reshape(sum(products, { axes: [0] }), { shape: [out, sizeOf(kernel), channels] })
  return reshape(transpose(all, { perm: [0, 2, 1] }), { shape: [out, channels, ...kernel] })
}

const widened = (x: Tensor, axis: number, before: number, after: number): Tensor =>
  before + after === 0 ? x : pad(x, { axis, before, after })

function geometryOf({ stride, dilation, pads }: Attributes): Geometry {
  const edges = pads as Pads
  const steps = [stride as number, dilation as number]
  const isWhole = [...edges, ...steps].every((n) => Number.isSafeInteger(n) && n >= 0) && steps.every((n) => n > 0)
  if (edges.length === 4 && isWhole) return { stride: steps[0], dilation: steps[1], pads: edges }
  const rule = 'four pads from 0, stride and dilation from 1'
  throw new OnnxError('onnx/attribute', `Conv: expected ${rule}, got [${edges}] and ${steps.join(', ')}`)
}

const convolved = (size: number, kernel: number, { stride, dilation, pads }: Geometry, axis: number): number =>
  Math.floor((size + pads[axis] + pads[axis + 2] - dilation * (kernel - 1) - 1) / stride) + 1

const onnxAttributes = ({ stride, dilation, pads }: Geometry): Attributes => ({
  strides: [stride, stride],
  dilations: [dilation, dilation],
  pads,
})
