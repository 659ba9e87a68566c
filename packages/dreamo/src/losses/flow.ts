// Flow matching: the transformer learns the velocity from data to noise.
import { add, constant, mul, reshape, sub, type Tensor } from '@dreamgraph/onnx'
import { meanSquare } from './scalars.js'

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
