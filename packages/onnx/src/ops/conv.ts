// Convolution and its transpose; each is the gradient of the other.
import { OnnxError } from '../errors.js'
import type { Attributes, OpSpec, Tensor } from '../ir.js'
import { apply, checkRank, floatDType } from '../op.js'
import { printShape, type Shape, sameShape } from '../shape.js'
import { reshape, slice, transpose } from './movement.js'
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
    const ofInput = apply(convTranspose, [g, w], { ...geometry, size: x.shape.slice(2) })
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

/**
 * Gradient of the kernel: the input correlated with the output's gradient, channels and batch swapped, stride and
 * dilation exchanged. Rows that the stride never reached are cut off.
 */
function weightGradient(x: Tensor, g: Tensor, shape: Shape, { stride, dilation, pads }: Geometry): Tensor {
  const swapped = { perm: [1, 0, 2, 3] }
  const all = apply(conv, [transpose(x, swapped), transpose(g, swapped)], { stride: dilation, dilation: stride, pads })
  const rows = slice(all, { axis: 2, from: 0, to: shape[2] })
  return transpose(slice(rows, { axis: 3, from: 0, to: shape[3] }), swapped) // [C, O, kh, kw] → [O, C, kh, kw]
}

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
