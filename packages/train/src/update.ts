// What gradients do to parameters: clipping, AdamW and the running mean, in one graph.
import { add, constant, div, input, minimum, reshape, sizeOf, sqrt, sumOfSquares, type Tensor } from '@dreamgraph/onnx'
import { type AdamWConfig, type AdamWState, adamW, adamWStep } from './adamw.js'
import { ema, emaOf, emaRate } from './ema.js'
import type { Trainables } from './trainable.js'

export const meanOf = (name: string): string => `mean/${name}`
export const squareOf = (name: string): string => `square/${name}`
/** Under which name the new value of an input comes out. */
export const next = (name: string): string => `next/${name}`

export interface UpdateOptions {
  readonly trainables: Trainables
  /** By the name of the parameter. */
  readonly gradients: ReadonlyMap<string, Tensor>
  readonly optimizer: AdamWConfig
  /** Gradients longer than this, all together, are shortened to it. */
  readonly clipNorm?: number
  /** Whether a running mean of each parameter is kept beside it. */
  readonly withEma?: boolean
}

export interface Update {
  /** For every parameter, its moments and its running mean: `next/…`; and the length of all gradients, `gradientNorm`. */
  readonly outputs: Readonly<Record<string, Tensor>>
  /** Output → the input that it is in the next step. */
  readonly carried: Readonly<Record<string, string>>
}

/** Builds the outputs of an update. */
export function update({ trainables, gradients, optimizer, clipNorm, withEma = false }: UpdateOptions): Update {
  const norm = sqrt([...gradients.values()].map(squaredLength).reduce((a, b) => add(a, b)))
  // A norm of zero would be divided by: the smallest float stands in, and the factor is 1 either way.
  const factor =
    clipNorm === undefined ? undefined : minimum(constant(1), div(constant(clipNorm), add(norm, constant(1e-6))))
  const step = adamWStep()
  const rate = emaRate()
  const outputs: Record<string, Tensor> = { gradientNorm: norm }
  const carried: Record<string, string> = {}
  for (const [name, parameter] of trainables) {
    const state: AdamWState = {
      mean: input(meanOf(name), parameter.shape),
      square: input(squareOf(name), parameter.shape),
    }
    const updated = adamW(parameter, gradients.get(name)!, state, { step, config: optimizer, factor })
    const results: Record<string, Tensor> = {
      [name]: updated.parameter,
      [meanOf(name)]: updated.state.mean,
      [squareOf(name)]: updated.state.square,
      ...(withEma && { [emaOf(name)]: ema(input(emaOf(name), parameter.shape), updated.parameter, rate) }),
    }
    for (const [key, tensor] of Object.entries(results)) {
      outputs[next(key)] = tensor
      carried[next(key)] = key
    }
  }
  return { outputs, carried }
}

function squaredLength(x: Tensor): Tensor {
  return reshape(sumOfSquares(reshape(x, { shape: [sizeOf(x.shape)] }), { axes: [0] }), { shape: [] })
}
