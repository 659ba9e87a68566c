// One training step as one graph: forward, backward, AdamW. Parameters and moments go in and come out.
import { gradients, type Tensor } from '@dreamgraph/onnx'
import type { AdamWConfig } from './adamw.js'
import type { Trainables } from './trainable.js'
import { type Update, update } from './update.js'

export interface TrainingStepOptions {
  /** Scalar to bring down. */
  readonly loss: Tensor
  readonly trainables: Trainables
  readonly optimizer: AdamWConfig
  /** Gradients longer than this, all together, are shortened to it. */
  readonly clipNorm?: number
}

/** Builds the outputs of a step. Further outputs (losses by name) may go into the same graph. */
export function trainingStep({ loss, trainables, ...options }: TrainingStepOptions): Update {
  const slopes = gradients(loss, [...trainables.values()])
  const byName = new Map([...trainables.keys()].map((name, i) => [name, slopes[i]]))
  return update({ trainables, gradients: byName, ...options })
}
