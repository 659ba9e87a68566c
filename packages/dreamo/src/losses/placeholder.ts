// The placeholder constraint: the tokens of reference i should look at the word [ref#i] and not at the other references' words.
import {
  add,
  concat,
  constant,
  matmul,
  mean,
  mul,
  reshape,
  softmax,
  sub,
  type Tensor,
  transpose,
} from '@dreamgraph/onnx'
import { type LayerHeads, type SequenceSpans, type Span, tokensOf } from './attention-heads.js'
import { meanSquare } from './scalars.js'

/**
 * scaled — softmax over the placeholders of q·kᵀ/√d; unscaled — without 1/√d, as the paper prints it;
 * text — softmax over all text tokens, the target 1 at the own placeholder.
 */
export type PlaceholderVariant = 'scaled' | 'unscaled' | 'text'

/**
 * What one reference's tokens pay to each placeholder (or text token) in one layer: [B, n, keys].
 * `positions[i]` is the text token that names reference i.
 */
export function placeholderAttention(
  { q, k }: LayerHeads,
  spans: SequenceSpans,
  reference: Span,
  { positions, variant }: { positions: readonly number[]; variant: PlaceholderVariant },
): Tensor {
  const queries = tokensOf(q, reference) // [B, heads, n, d]
  const keys =
    variant === 'text'
      ? tokensOf(k, spans.text)
      : concat(
          positions.map((start) => tokensOf(k, { start, count: 1 })),
          { axis: 2 },
        )
  const scores = matmul(queries, transpose(keys, { perm: [0, 1, 3, 2] }))
  const scale = variant === 'unscaled' ? 1 : 1 / Math.sqrt(q.shape[3])
  const weights = mean(softmax(mul(scores, constant(scale))), { axes: [1] })
  return reshape(weights, { shape: [q.shape[0], reference.count, keys.shape[2]] })
}

/**
 * L_holder: mean squared distance to the pairing of placeholder i with reference i → scalar; a mean over each reference's
 * tokens, then over references and layers. Source: DreamO, equation of the placeholder loss.
 */
export function placeholderLoss(
  layers: readonly LayerHeads[],
  spans: SequenceSpans,
  options: { positions: readonly number[]; variant: PlaceholderVariant },
): Tensor {
  const { positions, variant } = options
  const losses = layers.flatMap((heads) =>
    spans.references.map((reference, i) => {
      const weights = placeholderAttention(heads, spans, reference, options)
      const own = variant === 'text' ? positions[i] : i
      const target = constant(
        Float32Array.from({ length: weights.shape[2] }, (_, key) => (key === own ? 1 : 0)),
        [weights.shape[2]],
      )
      return meanSquare(sub(weights, target))
    }),
  )
  return mul(
    losses.reduce((sum, loss) => add(sum, loss)),
    constant(1 / losses.length),
  )
}
