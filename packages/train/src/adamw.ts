// AdamW as graph: parameters, gradients and moments in, parameters and moments out.
import { add, constant, div, input, mul, sqrt, sub, type Tensor } from '@dreamgraph/onnx'
import type { TensorData } from '@dreamgraph/runtime'

export interface AdamWConfig {
  /** Decay of the mean of gradients and of the mean of their squares. */
  readonly betas: readonly [number, number]
  readonly epsilon: number
  /** Fraction of a parameter that a step of learning rate 1 takes away, apart from the gradient. */
  readonly weightDecay: number
}

export interface AdamWState {
  /** Running mean of gradients. */
  readonly mean: Tensor
  /** Running mean of squared gradients. */
  readonly square: Tensor
}

/** What changes from step to step, as inputs of the graph. */
export interface AdamWStep {
  readonly learningRate: Tensor
  /** 1 − β₁ᵗ and 1 − β₂ᵗ: the means start at zero, and this makes up for it. */
  readonly correction1: Tensor
  readonly correction2: Tensor
}

/** Names of the inputs behind AdamWStep. */
export const stepInputs = ['learningRate', 'correction1', 'correction2'] as const

export const adamWStep = (): AdamWStep => {
  const [learningRate, correction1, correction2] = stepInputs.map((name) => input(name, []))
  return { learningRate, correction1, correction2 }
}

/** Values of the step inputs at step t, from 1. */
export function adamWFeeds(config: AdamWConfig, t: number, learningRate: number): Record<string, TensorData> {
  const [beta1, beta2] = config.betas
  const values = [learningRate, 1 - beta1 ** t, 1 - beta2 ** t]
  return Object.fromEntries(
    stepInputs.map((name, i) => [name, { dtype: 'float32', shape: [], data: Float32Array.of(values[i]) }]),
  )
}

/**
 * p ← p·(1 − η·λ) − η·√c₂/c₁ · m / (√v + ε·√c₂), with m ← m + (1 − β₁)(g − m) and v ← β₂v + (1 − β₂)g².
 * Source: Loshchilov and Hutter (arXiv 1711.05101); torch.optim.AdamW's η/c₁ · m / (√v/√c₂ + ε) with the fraction
 * extended by √c₂. A factor on the gradient (clipping) goes into other factors: each op here is a pass over all parameters.
 */
export function adamW(
  parameter: Tensor,
  gradient: Tensor,
  state: AdamWState,
  { step, config, factor = constant(1) }: { step: AdamWStep; config: AdamWConfig; factor?: Tensor },
): { parameter: Tensor; state: AdamWState } {
  const [beta1, beta2] = config.betas
  const mean = add(mul(state.mean, constant(beta1)), mul(gradient, mul(factor, constant(1 - beta1))))
  const scaled = mul(gradient, mul(factor, constant(Math.sqrt(1 - beta2))))
  const square = add(mul(state.square, constant(beta2)), mul(scaled, scaled))
  const shrunk = mul(parameter, sub(constant(1), mul(step.learningRate, constant(config.weightDecay))))
  const root = sqrt(step.correction2)
  const denominator = add(sqrt(square), mul(root, constant(config.epsilon)))
  const rate = div(mul(step.learningRate, root), step.correction1)
  return { parameter: sub(shrunk, mul(div(mean, denominator), rate)), state: { mean, square } }
}
