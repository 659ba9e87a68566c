// A graph: named outputs and everything they hang on, in an order in which each node comes after its inputs.
import type { Tensor } from './ir.js'

export interface Graph {
  readonly name: string
  readonly outputs: Readonly<Record<string, Tensor>>
  /** All tensors, each after those it is computed from. */
  readonly tensors: readonly Tensor[]
}

/** Gathers what the outputs need. Nodes that lead to no output are left out. */
export function graph(name: string, outputs: Readonly<Record<string, Tensor>>): Graph {
  const tensors: Tensor[] = []
  const seen = new Set<Tensor>()
  // An explicit stack: a deep model must not overflow the call stack.
  const stack = Object.values(outputs)
    .reverse()
    .map((tensor) => ({ tensor, open: false }))
  while (stack.length > 0) {
    const { tensor, open } = stack.pop()!
    if (open) {
      tensors.push(tensor)
    } else if (!seen.has(tensor)) {
      seen.add(tensor)
      stack.push({ tensor, open: true })
      for (const operand of inputsOf(tensor).toReversed()) stack.push({ tensor: operand, open: false })
    }
  }
  return { name, outputs, tensors }
}

export const inputsOf = (tensor: Tensor): readonly Tensor[] => (tensor.source.kind === 'op' ? tensor.source.inputs : [])

/** The graph's inputs by name, in order of use. */
export function graphInputs({ tensors }: Graph): Map<string, Tensor> {
  const inputs = new Map<string, Tensor>()
  for (const tensor of tensors) if (tensor.source.kind === 'input') inputs.set(tensor.source.name, tensor)
  return inputs
}

/** What no input changes: weights, constants and all that is computed from them alone. */
export function fixedTensors(tensors: readonly Tensor[]): Set<Tensor> {
  const fixed = new Set<Tensor>()
  for (const tensor of tensors) {
    const { source } = tensor
    const isFixed = source.kind === 'op' ? source.inputs.every((x) => fixed.has(x)) : source.kind !== 'input'
    if (isFixed) fixed.add(tensor)
  }
  return fixed
}
