// The routing constraint: a reference's queries should respond where its subject stands in the picture, and nowhere else.
import {
  concat,
  constant,
  div,
  matmul,
  max,
  mean,
  min,
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
 * How a response map is read off the scores q·kᵀ/√d:
 * raw — their mean over heads and over the reference's tokens, as the paper prints it;
 * minmax — the raw map stretched to 0..1 for each sample;
 * softmax — softmax over the image's keys first; softmax-full — over all keys first.
 * A softmax over L keys gives values near 1/L against a mask of 0 and 1: its gradient is hundreds of times smaller.
 */
export type RoutingVariant = 'raw' | 'minmax' | 'softmax' | 'softmax-full'

/** Response of the image tokens to one reference in one layer: [B, L]. */
export function responseMap(heads: LayerHeads, spans: SequenceSpans, reference: Span, variant: RoutingVariant): Tensor {
  const { image } = spans
  const q = tokensOf(heads.q, reference) // [B, heads, n, d]
  const [batch, , , headDim] = q.shape
  const scale = constant(1 / Math.sqrt(headDim))
  const shape = [batch, image.count]
  if (variant === 'softmax' || variant === 'softmax-full') {
    const keys = variant === 'softmax' ? tokensOf(heads.k, image) : heads.k
    const weights = softmax(mul(matmul(q, swapLast(keys)), scale)) // [B, heads, n, keys]
    const response = mean(weights, { axes: [1, 2] })
    return reshape(variant === 'softmax' ? response : lastSlice(response, image), { shape })
  }
  // The mean over the reference's tokens is linear in q, so it is taken first: O(tokens) instead of O(tokens²).
  const query = mean(q, { axes: [2] }) // [B, heads, 1, d]
  const scores = mul(matmul(query, swapLast(tokensOf(heads.k, image))), scale) // [B, heads, 1, L]
  const raw = reshape(mean(scores, { axes: [1] }), { shape })
  if (variant === 'raw') return raw
  const least = min(raw, { axes: [1] })
  return div(sub(raw, least), sub(max(raw, { axes: [1] }), least))
}

/** Response maps of every layer and reference: → [layers, B, references, L]. */
export function responseMaps(layers: readonly LayerHeads[], spans: SequenceSpans, variant: RoutingVariant): Tensor {
  return concat(
    layers.map((heads) => layerMaps(heads, spans, variant)),
    { axis: 0 },
  )
}

/** Response maps of one layer: → [1, B, references, L]. */
export function layerMaps(heads: LayerHeads, spans: SequenceSpans, variant: RoutingVariant): Tensor {
  const perReference = spans.references.map((reference) => {
    const map = responseMap(heads, spans, reference, variant)
    return reshape(map, { shape: [1, map.shape[0], 1, map.shape[1]] })
  })
  return concat(perReference, { axis: 2 })
}

/**
 * L_route = mean over layers, samples, references and positions of (map − mask)² → scalar. masks [B, references, L] in 0..1.
 * Source: DreamO, equation of the routing constraint, with its ‖·‖² as a mean over positions.
 */
export function routingLoss(maps: Tensor, masks: Tensor): Tensor {
  return meanSquare(sub(maps, reshape(masks, { shape: [1, ...masks.shape] })))
}

const swapLast = (x: Tensor): Tensor => transpose(x, { perm: [0, 1, 3, 2] })

const lastSlice = (x: Tensor, span: Span): Tensor => swapLast(tokensOf(swapLast(x), span))
