// Two losses beside the paper's, for a base too small to tell by itself which reference a caption means. Each asks for one step of
// the way from a word to the picture, in the layers where that step can be taken.
import {
  add,
  concat,
  constant,
  div,
  log,
  matmul,
  mean,
  mul,
  neg,
  reshape,
  slice,
  softmax,
  type Tensor,
  transpose,
} from '@dreamgraph/onnx'
import { type LayerHeads, type SequenceSpans, tokensOf } from './attention-heads.js'
import { placeholderAttention } from './placeholder.js'
import { meanOfAll, sumOfAll } from './scalars.js'

/** Shares are kept above this, so that one that has come to nothing still has a logarithm. */
const leastShare = 1e-4

/**
 * L_naming = −mean log(share of a reference's attention to the text that its own word gets) → scalar, over layers, references and
 * their tokens. `positions[i]` is the text token that names reference i. The placeholder loss asks for the same with
 * squares, whose gradient all but vanishes while the share is small.
 */
export function namingLoss(layers: readonly LayerHeads[], spans: SequenceSpans, positions: readonly number[]): Tensor {
  const losses = layers.flatMap((heads) =>
    spans.references.map((reference, i) => {
      const shares = placeholderAttention(heads, spans, reference, { positions, variant: 'text' }) // [B, n, T]
      const own = slice(shares, { axis: 2, from: positions[i], to: positions[i] + 1 })
      return meanOfAll(neg(log(add(own, constant(leastShare)))))
    }),
  )
  return mul(
    losses.reduce((a, b) => add(a, b)),
    constant(1 / losses.length),
  )
}

/**
 * L_reading = −mean log(share of the attention to references that goes to the one standing there) → scalar, over layers and the
 * picture's tokens, each weighted by masks [B, references, L] in 0..1. It says which reference is read, not how much of
 * any: the softmax is over references' keys alone. The routing loss looks the other way, from references to the picture.
 */
export function readingLoss(layers: readonly LayerHeads[], spans: SequenceSpans, masks: Tensor): Tensor {
  const losses = layers.map((heads) => {
    const shares = readingShares(heads, spans)
    return sumOfAll(mul(neg(log(add(shares, constant(leastShare)))), masks))
  })
  const total = losses.reduce((a, b) => add(a, b))
  // Masks may be empty, where subjects are out of the picture: then there is nothing to learn.
  const weight = add(sumOfAll(masks), constant(leastShare))
  return mul(div(total, weight), constant(1 / layers.length))
}

/** Of the attention that the picture's tokens pay to references, the share of each, a mean over heads: → [B, references, L]. */
export function readingShares({ q, k }: LayerHeads, { image, references }: SequenceSpans): Tensor {
  const [batch, , , headDim] = q.shape
  const keys = concat(
    references.map((reference) => tokensOf(k, reference)),
    { axis: 2 },
  )
  const scores = matmul(tokensOf(q, image), transpose(keys, { perm: [0, 1, 3, 2] }))
  const shares = softmax(mul(scores, constant(1 / Math.sqrt(headDim)))) // [B, heads, L, all references' tokens]
  // Which token belongs to which reference, as a matrix: references may differ in size.
  const tokens = keys.shape[2]
  const owners = new Float32Array(tokens * references.length)
  let token = 0
  for (const [i, { count }] of references.entries()) {
    for (let n = 0; n < count; n++) owners[token++ * references.length + i] = 1
  }
  const perReference = matmul(mean(shares, { axes: [1] }), constant(owners, [1, 1, tokens, references.length]))
  return transpose(reshape(perReference, { shape: [batch, image.count, references.length] }), { perm: [0, 2, 1] })
}
