// A running mean of the parameters, which samples better than their last values. It is state of the graph like moments.
import { add, input, mul, sub, type Tensor } from '@dreamgraph/onnx'

export const emaOf = (name: string): string => `ema/${name}`

/** Name of the input with 1 − decay at this step. */
export const emaInput = 'emaRate'

export const emaRate = (): Tensor => input(emaInput, [])

/** e ← e + (1 − d)·(p − e), with rate = 1 − d. */
export function ema(average: Tensor, parameter: Tensor, rate: Tensor): Tensor {
  return add(average, mul(sub(parameter, average), rate))
}

/** Decay at step t, from 1: min(decay, (1 + t)/(10 + t)), so that the start is forgotten soon. */
export function emaDecayAt(decay: number, t: number): number {
  return Math.min(decay, (1 + t) / (10 + t))
}
