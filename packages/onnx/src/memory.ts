// What a graph will need, known before it runs because every shape is concrete.
import { bytesOf } from './dtype.js'
import { type Graph, inputsOf } from './graph.js'
import type { Tensor } from './ir.js'
import { sizeOf } from './shape.js'

export interface GraphMemory {
  /** Weights as they lie in their files. */
  readonly weightBytes: number
  /** Tensors that hang on weights and constants alone: a runtime that folds constants keeps them for good. */
  readonly foldableBytes: number
  /** Largest sum of tensors alive at once, with each op's scratch; weights, constants and foldable tensors not counted. */
  readonly peakActivationBytes: number
}

/** Estimates memory from liveness in graph order. Views (reshape) count as copies, so this is an upper bound. */
export function memoryOf({ tensors, outputs }: Graph): GraphMemory {
  const lastUse = new Map<Tensor, number>()
  tensors.forEach((tensor, i) => {
    for (const operand of inputsOf(tensor)) lastUse.set(operand, i)
  })
  for (const tensor of Object.values(outputs)) lastUse.set(tensor, tensors.length)
  const dying = new Map<number, Tensor[]>()
  for (const [tensor, i] of lastUse) dying.set(i, [...(dying.get(i) ?? []), tensor])

  const fixed = fixedTensors(tensors)
  let [weightBytes, foldableBytes, alive, peak] = [0, 0, 0, 0]
  tensors.forEach((tensor, i) => {
    const { source } = tensor
    if (fixed.has(tensor)) {
      if (source.kind === 'weight') weightBytes += sizeBytes(tensor)
      if (source.kind === 'op') foldableBytes += sizeBytes(tensor)
    } else {
      alive += sizeBytes(tensor)
      const scratch = source.kind === 'op' ? (source.op.scratchBytes?.(source.inputs, source.attributes) ?? 0) : 0
      peak = Math.max(peak, alive + scratch)
    }
    for (const dead of dying.get(i) ?? []) if (!fixed.has(dead)) alive -= sizeBytes(dead)
  })
  return { weightBytes, foldableBytes, peakActivationBytes: peak }
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

const sizeBytes = ({ dtype, shape }: Tensor): number => sizeOf(shape) * bytesOf(dtype)
