// Attention as onnxruntime's fused kernel, with its gradient in ordinary ops.
import { OnnxError } from '../errors.js'
import type { OpSpec, Tensor } from '../ir.js'
import { apply, checkRank, floatDType } from '../op.js'
import { printShape, type Shape, sameShape, sizeOf } from '../shape.js'
import { constant } from '../tensor.js'
import { add, cast, mul } from './elementwise.js'
import { matmul, swapLast } from './linalg.js'
import { reshape, transpose } from './movement.js'
import { softmax, softmaxGradient } from './reduce.js'

const multiHead: OpSpec = {
  onnx: 'MultiHeadAttention',
  domain: 'com.microsoft',
  vjp: (g, [q, k, v, bias], _, attributes) => {
    const heads = attributes.heads as number
    const scale = cast(constant(attributes.scale as number), q.dtype)
    const [queries, keys, values, gradient] = [q, k, v, g].map((x) => splitHeads(x, heads))
    const weights = softmax(scoresOf(queries, keys, { scale, bias, causal: attributes.causal === 1 })) // [B, heads, L, S]
    const dScores = softmaxGradient(matmul(gradient, swapLast(values)), weights)
    const scaled = mul(dScores, scale)
    return [
      joinHeads(matmul(scaled, keys)),
      joinHeads(matmul(swapLast(scaled), queries)),
      joinHeads(matmul(swapLast(weights), gradient)),
      ...(bias ? [dScores] : []),
    ]
  },
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

/** scale·q·kᵀ (+ bias, + causal mask): q [B, heads, L, d], k [B, heads, S, d] → [B, heads, L, S]. */
export function scoresOf(
  q: Tensor,
  k: Tensor,
  { scale, bias, causal, firstRow = 0 }: { scale: Tensor; bias?: Tensor; causal: boolean; firstRow?: number },
): Tensor {
  const raw = mul(matmul(q, swapLast(k)), scale)
  const biased = bias ? add(raw, bias) : raw
  return causal ? add(biased, cast(causalMask(firstRow, q.shape[2], k.shape[2]), q.dtype)) : biased
}

/** [B, L, heads·d] → [B, heads, L, d]. */
export function splitHeads(x: Tensor, heads: number): Tensor {
  const [batch, length, width] = x.shape
  return transpose(reshape(x, { shape: [batch, length, heads, width / heads] }), { perm: [0, 2, 1, 3] })
}

/** [B, heads, L, d] → [B, L, heads·d]. */
export function joinHeads(x: Tensor): Tensor {
  const [batch, heads, length, width] = x.shape
  return reshape(transpose(x, { perm: [0, 2, 1, 3] }), { shape: [batch, length, heads * width] })
}

/** 0 where a query may look, very negative ahead of it: [rows, keys]; the first row is query `from`. */
function causalMask(from: number, rows: number, keys: number): Tensor {
  const values = new Float32Array(rows * keys)
  for (let row = 0; row < rows; row++) values.fill(-1e30, row * keys + from + row + 1, (row + 1) * keys)
  return constant(values, [rows, keys])
}
