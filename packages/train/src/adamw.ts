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
 * p ← p·(1 − η·λ) − η/c₁ · m / (√v/√c₂ + ε), with m ← β₁m + (1 − β₁)g and v ← β₂v + (1 − β₂)g².
 * Source: Loshchilov and Hutter (arXiv 1711.05101), in the order of operations of torch.optim.AdamW.
 */
export function adamW(
  parameter: Tensor,
  gradient: Tensor,
  state: AdamWState,
  { step, config }: { step: AdamWStep; config: AdamWConfig },
): { parameter: Tensor; state: AdamWState } {
  const [beta1, beta2] = config.betas
  const blend = (old: Tensor, fresh: Tensor, beta: number): Tensor =>
    add(mul(old, constant(beta)), mul(fresh, constant(1 - beta)))
  const mean = blend(state.mean, gradient, beta1)
  const square = blend(state.square, mul(gradient, gradient), beta2)
  const shrunk = mul(parameter, sub(constant(1), mul(step.learningRate, constant(config.weightDecay))))
  const denominator = add(div(sqrt(square), sqrt(step.correction2)), constant(config.epsilon))
  const move = mul(div(step.learningRate, step.correction1), div(mean, denominator))
  return { parameter: sub(shrunk, move), state: { mean, square } }
}
