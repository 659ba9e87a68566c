// One training step as one graph: forward, backward, AdamW. Parameters and moments go in and come out.
import { gradients, type Tensor } from '@dreamgraph/onnx'
import { type Update, type UpdateOptions, update } from './update.js'

export interface TrainingStepOptions extends Omit<UpdateOptions, 'gradients'> {
  /** Scalar to bring down. */
  readonly loss: Tensor
}

/** Builds the outputs of a step. Further outputs (losses by name) may go into the same graph. */
export function trainingStep({ loss, trainables, ...options }: TrainingStepOptions): Update {
  const slopes = gradients(loss, [...trainables.values()])
  const byName = new Map([...trainables.keys()].map((name, i) => [name, slopes[i]]))
  return update({ trainables, gradients: byName, ...options })
}
