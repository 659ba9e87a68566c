// Attention without the fused kernel, for devices whose kernel computes wrong. Slower, and quadratic in memory unless cut.
import { type Graph, graph } from '../graph.js'
import type { Tensor } from '../ir.js'
import { apply } from '../op.js'
import { constant } from '../tensor.js'
import { add, mul } from './elementwise.js'
import { isFusedAttention, matmul } from './linalg.js'
import { concat, reshape, slice, transpose } from './movement.js'
import { softmax } from './reduce.js'

/** Largest score matrix that is held at once; longer sequences are cut into blocks of queries. */
const maxScoreBytes = 256 * 2 ** 20

/** The same graph with every fused attention spelled out as products and a softmax. */
export function withoutFusedAttention({ name, tensors, outputs }: Graph): Graph {
  const replaced = new Map<Tensor, Tensor>()
  for (const tensor of tensors) {
    if (tensor.source.kind !== 'op') {
      replaced.set(tensor, tensor)
      continue
    }
    const { op, inputs, attributes } = tensor.source
    const operands = inputs.map((input) => replaced.get(input)!)
    if (isFusedAttention(op)) {
      const { heads, scale, causal } = attributes as { heads: number; scale: number; causal: number }
      replaced.set(tensor, plainAttention(operands, { heads, scale, causal: causal === 1 }))
    } else {
      const isSame = operands.every((operand, i) => operand === inputs[i])
      replaced.set(tensor, isSame ? tensor : apply(op, operands, attributes))
    }
  }
  return graph(name, Object.fromEntries(Object.entries(outputs).map(([key, tensor]) => [key, replaced.get(tensor)!])))
}

/** softmax(scale·q·kᵀ + bias)·v per head, by its definition. Shapes as `attention`. */
function plainAttention(
  [q, k, v, bias]: readonly Tensor[],
  { heads, scale, causal }: { heads: number; scale: number; causal: boolean },
): Tensor {
  const [batch, queries] = q.shape
  const keys = k.shape[1]
  const rowsAtOnce = Math.max(1, Math.floor(maxScoreBytes / (batch * heads * keys * 4)))
  const keyColumns = transpose(splitHeads(k, heads), { perm: [0, 1, 3, 2] }) // [B, heads, d, S]
  const values = splitHeads(v, heads)
  const blocks: Tensor[] = []
  for (let from = 0; from < queries; from += rowsAtOnce) {
    const to = Math.min(queries, from + rowsAtOnce)
    const rows = from === 0 && to === queries ? q : slice(q, { axis: 1, from, to })
    let scores = mul(matmul(splitHeads(rows, heads), keyColumns), constant(scale)) // [B, heads, rows, S]
    if (bias) scores = add(scores, slice(bias, { axis: 2, from, to }))
    if (causal) scores = add(scores, causalMask(from, to, keys))
    const mixed = transpose(matmul(softmax(scores), values), { perm: [0, 2, 1, 3] }) // [B, rows, heads, d]
    blocks.push(reshape(mixed, { shape: [batch, to - from, v.shape[2]] }))
  }
  return concat(blocks, { axis: 1 })
}

/** [B, L, heads·d] → [B, heads, L, d]. */
function splitHeads(x: Tensor, heads: number): Tensor {
  const [batch, length, width] = x.shape
  return transpose(reshape(x, { shape: [batch, length, heads, width / heads] }), { perm: [0, 2, 1, 3] })
}

/** 0 where a query may look, very negative ahead of it: [to − from, keys]. */
function causalMask(from: number, to: number, keys: number): Tensor {
  const values = new Float32Array((to - from) * keys)
  for (let row = from; row < to; row++) values.fill(-1e30, (row - from) * keys + row + 1, (row - from + 1) * keys)
  return constant(values, [to - from, keys])
}
