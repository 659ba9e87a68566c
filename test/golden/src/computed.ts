// What a kind of case hands to the comparison, and how it catches tensors inside a graph.
import type { Tensor } from '@dreamgraph/onnx'

/** Values by the recorded tensor's name. */
export type Computed = Map<string, ArrayLike<number>>

/** A probe that makes every named inner tensor an output. */
export function collector(): { outputs: Record<string, Tensor>; probe: (name: string, tensor: Tensor) => void } {
  const outputs: Record<string, Tensor> = {}
  return {
    outputs,
    probe(name, tensor) {
      outputs[name] = tensor
    },
  }
}
