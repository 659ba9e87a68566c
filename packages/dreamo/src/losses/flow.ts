// Flow matching: the transformer learns the velocity from data to noise.
import { add, constant, div, mean, minimum, mul, reshape, sub, sum, type Tensor } from '@dreamgraph/onnx'
import { meanSquare, sumOfAll } from './scalars.js'

/**
 * x_t = (1 − t)·x₀ + t·ε per sample: x₀ and ε [B, L, C], t [B] → [B, L, C]. References stay clean.
 * Source: DreamO, section 3.1; rectified flow.
 */
export function noised(x0: Tensor, noise: Tensor, t: Tensor): Tensor {
  const perSample = reshape(t, { shape: [t.shape[0], 1, 1] })
  return add(mul(x0, sub(constant(1), perSample)), mul(noise, perSample))
}

/**
 * L_diff = mean((v − (ε − x₀))²) → scalar. The paper prints the target as x₀ − ε with the same x_t; FLUX predicts ε − x₀,
 * and a LoRA on FLUX has to.
 */
export function flowLoss(velocity: Tensor, x0: Tensor, noise: Tensor): Tensor {
  return meanSquare(sub(velocity, sub(noise, x0)))
}

/** Keeps a mean over nothing finite. */
const leastTokens = 1e-4

/**
 * L_within: the same over the tokens that references stand on alone → scalar, each weighted by the masks [B, references, L] in 0..1
 * that it lies in, together 1 at most. In L_diff a small subject is little beside all that is behind it. Our own.
 */
export function flowLossWithin(velocity: Tensor, x0: Tensor, noise: Tensor, masks: Tensor): Tensor {
  const [batch, , tokens] = masks.shape
  const error = sub(velocity, sub(noise, x0))
  const perToken = reshape(mean(mul(error, error), { axes: [2] }), { shape: [batch, tokens] })
  const weights = minimum(reshape(sum(masks, { axes: [1] }), { shape: [batch, tokens] }), constant(1))
  return div(sumOfAll(mul(perToken, weights)), add(sumOfAll(weights), constant(leastTokens)))
}
