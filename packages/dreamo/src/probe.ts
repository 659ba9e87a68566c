// A look inside a model while its graph is built: tests and inspectors name the tensors that they want to see.
import type { Tensor } from '@dreamgraph/onnx'

/** Called with each inner tensor that has a name; the caller may make it an output of the graph. */
export type Probe = (name: string, tensor: Tensor) => void

export const noProbe: Probe = () => {}
