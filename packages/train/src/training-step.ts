// One training step as one graph: forward, backward, AdamW. Parameters and moments go in and come out.
import { add, constant, div, gradients, input, minimum, mul, reshape, sqrt, sum, type Tensor } from '@dreamgraph/onnx'
import { type AdamWConfig, type AdamWState, adamW, adamWStep } from './adamw.js'
import type { Trainables } from './trainable.js'

export const meanOf = (name: string): string => `mean/${name}`
export const squareOf = (name: string): string => `square/${name}`
/** Under which name the new value of an input comes out. */
export const next = (name: string): string => `next/${name}`

export interface TrainingStepOptions {
  /** Scalar to bring down. */
  readonly loss: Tensor
  readonly trainables: Trainables
  readonly optimizer: AdamWConfig
  /** Gradients longer than this, all together, are shortened to it. */
  readonly clipNorm?: number
}

export interface TrainingStep {
  /** For every parameter and both its moments: `next/…`; and the length of all gradients, `gradientNorm`. */
  readonly outputs: Readonly<Record<string, Tensor>>
  /** Output → the input that it is in the next step. */
  readonly carried: Readonly<Record<string, string>>
}

/** Builds the outputs of a step. Further outputs (losses by name) may go into the same graph. */
export function trainingStep({ loss, trainables, optimizer, clipNorm }: TrainingStepOptions): TrainingStep {
  const names = [...trainables.keys()]
  const raw = gradients(loss, [...trainables.values()])
  const norm = sqrt(raw.map(sumOfSquares).reduce((a, b) => add(a, b)))
  // A norm of zero would be divided by: the smallest float stands in, and the factor is 1 either way.
  const factor = clipNorm && minimum(constant(1), div(constant(clipNorm), add(norm, constant(1e-6))))
  const step = adamWStep()
  const outputs: Record<string, Tensor> = { gradientNorm: norm }
  const carried: Record<string, string> = {}
  names.forEach((name, i) => {
    const parameter = trainables.get(name)!
    const state: AdamWState = {
      mean: input(meanOf(name), parameter.shape),
      square: input(squareOf(name), parameter.shape),
    }
    const gradient = factor ? mul(raw[i], factor) : raw[i]
    const updated = adamW(parameter, gradient, state, { step, config: optimizer })
    const results = {
      [name]: updated.parameter,
      [meanOf(name)]: updated.state.mean,
      [squareOf(name)]: updated.state.square,
    }
    for (const [key, tensor] of Object.entries(results)) {
      outputs[next(key)] = tensor
      carried[next(key)] = key
    }
  })
  return { outputs, carried }
}

function sumOfSquares(x: Tensor): Tensor {
  const size = x.shape.reduce((n, d) => n * d, 1)
  return reshape(sum(reshape(mul(x, x), { shape: [size] }), { axes: [0] }), { shape: [] })
}
