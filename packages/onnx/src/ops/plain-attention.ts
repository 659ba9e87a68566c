// Attention without the fused kernel, for devices whose kernel computes wrong. Slower, and quadratic in memory unless cut.
import type { DType } from '../dtype.js'
import { type Graph, graph } from '../graph.js'
import type { Tensor } from '../ir.js'
import { apply } from '../op.js'
import { constant } from '../tensor.js'
import { isFusedAttention, joinHeads, scoresOf, splitHeads } from './attention.js'
import { cast } from './elementwise.js'
import { matmul } from './linalg.js'
import { concat, slice } from './movement.js'
import { softmax } from './reduce.js'

/** Largest score matrix that is held at once; longer sequences are cut into blocks of queries. */
const maxScoreBytes = 256 * 2 ** 20

/** The types in which a graph's fused attention computes, each once. */
export function fusedAttentionTypes({ tensors }: Graph): DType[] {
  const fused = tensors.filter(({ source }) => source.kind === 'op' && isFusedAttention(source.op))
  return [...new Set(fused.map(({ dtype }) => dtype))]
}

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
  const rowsAtOnce = Math.max(1, Math.floor(maxScoreBytes / (batch * heads * k.shape[1] * 4)))
  const [keys, values] = [splitHeads(k, heads), splitHeads(v, heads)]
  const factor = cast(constant(scale), q.dtype)
  const blocks: Tensor[] = []
  for (let from = 0; from < queries; from += rowsAtOnce) {
    const to = Math.min(queries, from + rowsAtOnce)
    const rows = from === 0 && to === queries ? q : slice(q, { axis: 1, from, to })
    const biasRows = bias && slice(bias, { axis: 2, from, to })
    const scores = scoresOf(splitHeads(rows, heads), keys, { scale: factor, bias: biasRows, causal, firstRow: from })
    blocks.push(joinHeads(matmul(softmax(scores), values))) // [B, rows, heads·d]
  }
  return concat(blocks, { axis: 1 })
}
