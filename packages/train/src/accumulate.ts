// Gradients of several micro-batches become one: their mean gathers in the state until an update uses it.
import { add, gradients, input, mul, type Tensor } from '@dreamgraph/onnx'
import type { TensorData } from '@dreamgraph/runtime'
import type { Trainables } from './trainable.js'
import { next, type Update } from './update.js'

/** Name of the gathered gradient of a parameter. */
export const gradientOf = (name: string): string => `gradient/${name}`

/**
 * G ← keep·G + share·∂loss/∂p for each parameter. Several graphs (one for each bucket) gather into the same G.
 */
export function accumulate(loss: Tensor, trainables: Trainables): Update {
  const [keep, share] = [input('keep', []), input('share', [])]
  const slopes = gradients(loss, [...trainables.values()])
  const outputs: Record<string, Tensor> = {}
  const carried: Record<string, string> = {}
  for (const [i, [name, { shape }]] of [...trainables].entries()) {
    const gathered = gradientOf(name)
    outputs[next(gathered)] = add(mul(input(gathered, shape), keep), mul(slopes[i], share))
    carried[next(gathered)] = gathered
  }
  return { outputs, carried }
}

/** Values for micro-batch i, from 0, of `count`: the first forgets the last step's gradients. */
export function accumulateFeeds(i: number, count: number): Record<string, TensorData> {
  const scalar = (value: number): TensorData => ({ dtype: 'float32', shape: [], data: Float32Array.of(value) })
  return { keep: scalar(i === 0 ? 0 : 1), share: scalar(1 / count) }
}

/** The gathered gradients as inputs of an update. */
export function gatheredGradients(trainables: Trainables): Map<string, Tensor> {
  return new Map([...trainables].map(([name, { shape }]) => [name, input(gradientOf(name), shape)]))
}
