// Products: matrix product, linear layer, convolution, attention.
import { OnnxError } from '../errors.js'
import type { OpSpec, Tensor } from '../ir.js'
import { apply, checkRank, define, floatDType, numberDType, type Op } from '../op.js'
import { matmulShape, printShape, type Shape, sameShape, sizeOf } from '../shape.js'
import { reshape } from './movement.js'

/** Matrix product over the last two axes: [.., m, k] × [.., k, n] → [.., m, n]. */
export const matmul: Op<2> = define({
  onnx: 'MatMul',
  infer: (inputs) => ({
    dtype: numberDType('MatMul', inputs),
    shape: matmulShape('MatMul', inputs[0].shape, inputs[1].shape),
  }),
})

/** x·wᵀ (+ b): [m, k], [n, k], [n] → [m, n]. */
const gemm: OpSpec = {
  onnx: 'Gemm',
  infer: (inputs) => {
    const [x, w, b] = inputs
    checkRank('Gemm', x, 2)
    checkRank('Gemm', w, 2)
    if (x.shape[1] !== w.shape[1] || (b && !sameShape(b.shape, [w.shape[0]]))) {
      throw new OnnxError(
        'onnx/shape',
        `Gemm: expected [m, k] × [n, k]ᵀ + [n], got ${inputs.map((t) => printShape(t.shape)).join(' ')}`,
      )
    }
    return { dtype: floatDType('Gemm', inputs), shape: [x.shape[0], w.shape[0]] }
  },
  lower: () => ({ attributes: { transB: 1 } }),
}

/** Linear layer with its weight as checkpoints hold it: x [.., in], w [out, in], b [out] → [.., out]. */
export function linear(x: Tensor, w: Tensor, b?: Tensor): Tensor {
  const width = x.shape[x.shape.length - 1]
  const rows = sizeOf(x.shape) / width
  const y = apply(gemm, [reshape(x, { shape: [rows, width] }), w, ...(b ? [b] : [])])
  return reshape(y, { shape: [...x.shape.slice(0, -1), w.shape[0]] })
}

const conv: OpSpec = {
  onnx: 'Conv',
  infer: (inputs, { stride, pads }) => {
    const [x, w, b] = inputs
    checkRank('Conv', x, 4)
    checkRank('Conv', w, 4)
    if (x.shape[1] !== w.shape[1] || (b && !sameShape(b.shape, [w.shape[0]]))) {
      const got = inputs.map((t) => printShape(t.shape)).join(' ')
      throw new OnnxError('onnx/shape', `Conv: expected [b, c, h, w] * [o, c, kh, kw] + [o], got ${got}`)
    }
    const edges = pads as readonly number[]
    const steps = stride as number
    const isWhole = [...edges, steps].every((n) => Number.isSafeInteger(n) && n >= 0) && steps > 0
    if (edges.length !== 4 || !isWhole) {
      const rule = 'four pads from 0 and a stride from 1'
      throw new OnnxError('onnx/attribute', `Conv: expected ${rule}, got [${edges}] and ${steps}`)
    }
    const [top, left, bottom, right] = edges
    const height = Math.floor((x.shape[2] + top + bottom - w.shape[2]) / steps) + 1
    const width = Math.floor((x.shape[3] + left + right - w.shape[3]) / steps) + 1
    return { dtype: floatDType('Conv', inputs), shape: [x.shape[0], w.shape[0], height, width] }
  },
  lower: (_, { stride, pads }) => ({ attributes: { strides: [stride as number, stride as number], pads } }),
}

/** 2-D convolution: x [B, C, H, W], w [O, C, kh, kw], b [O]. `pads` is [top, left, bottom, right]. */
export const conv2d = (
  x: Tensor,
  w: Tensor,
  b: Tensor | undefined,
  { stride = 1, pads }: { stride?: number; pads: readonly [number, number, number, number] },
): Tensor => apply(conv, [x, w, ...(b ? [b] : [])], { stride, pads })

const multiHead: OpSpec = {
  onnx: 'MultiHeadAttention',
  domain: 'com.microsoft',
  infer: (inputs, { heads }) => {
    const [q, k, v, bias] = inputs
    for (const x of [q, k, v]) checkRank('MultiHeadAttention', x, 3)
    const [batch, queries, width] = q.shape
    const keys = k.shape[1]
    const count = heads as number
    const fits =
      sameShape(k.shape, [batch, keys, width]) &&
      sameShape(v.shape, [batch, keys, width]) &&
      Number.isInteger(count) &&
      count > 0 &&
      width % count === 0
    if (!fits) {
      const got = [q, k, v].map((x) => printShape(x.shape)).join(' ')
      const rule = `q [B, L, D], k and v [B, S, D] with D in ${heads} heads`
      throw new OnnxError('onnx/shape', `MultiHeadAttention: expected ${rule}, got ${got}`)
    }
    const biasFits = ([b, h, ...scores]: Shape): boolean =>
      (b === 1 || b === batch) && (h === 1 || h === count) && sameShape(scores, [queries, keys])
    if (bias && !biasFits(bias.shape)) {
      const rule = `a bias [1 or ${batch}, 1 or ${count}, ${queries}, ${keys}]`
      throw new OnnxError('onnx/shape', `MultiHeadAttention: expected ${rule}, got ${printShape(bias.shape)}`)
    }
    return { dtype: floatDType('MultiHeadAttention', inputs), shape: q.shape }
  },
  lower: ([, , , bias], { heads, scale, causal }) => ({
    attributes: { num_heads: heads, scale, unidirectional: causal },
    operands: bias ? [0, 1, 2, null, null, 3] : [0, 1, 2],
  }),
  // The CPU kernel keeps whole score matrices only when a bias or a causal mask is given; else it works in tiles.
  scratchBytes: ([q, k, , bias], { heads, causal }) =>
    bias || causal ? q.shape[0] * (heads as number) * q.shape[1] * k.shape[1] * 4 : 4 * sizeOf(q.shape),
}

export const isFusedAttention = (op: OpSpec): boolean => op === multiHead

export interface AttentionOptions {
  readonly heads: number
  /** Factor on the scores; 1/√(head size) unless told. */
  readonly scale?: number
  readonly causal?: boolean
  /** Added to the scores: [B or 1, heads or 1, L, S]. */
  readonly bias?: Tensor
}

/**
 * softmax(scale·q·kᵀ + bias)·v per head. q [B, L, heads·d], k and v [B, S, heads·d] → [B, L, heads·d].
 * onnxruntime's contrib op: flash-style on CPU, so memory stays linear in the tokens.
 */
export function attention(q: Tensor, k: Tensor, v: Tensor, options: AttentionOptions): Tensor {
  const { heads, bias, causal = false, scale = 1 / Math.sqrt(q.shape[2] / heads) } = options
  return apply(multiHead, [q, k, v, ...(bias ? [bias] : [])], { heads, scale, causal: causal ? 1 : 0 })
}
