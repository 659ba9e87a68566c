// What a graph will need, known before it runs because every shape is concrete.
import { bytesOf } from './dtype.js'
import { fixedTensors, type Graph, graphInputs, inputsOf } from './graph.js'
import type { Tensor } from './ir.js'
import { sizeOf } from './shape.js'

export interface GraphMemory {
  /** Weights as they lie in their files. */
  readonly weightBytes: number
  /** Tensors that hang on weights and constants alone, joined weights too: a runtime that folds constants keeps them. */
  readonly foldableBytes: number
  /** Largest sum of tensors alive at once, with each op's scratch and all inputs; nothing of the two above is counted. */
  readonly peakActivationBytes: number
}

/**
 * Estimates memory from liveness in graph order. Inputs are held by the caller, so they count throughout; outputs from
 * their node on. Views (reshape) count as copies, so this is an upper bound for that order.
 */
export function memoryOf(graph: Graph): GraphMemory {
  const { tensors } = graph
  const fixed = fixedTensors(tensors)
  const dying = lastUses(graph)
  let [weightBytes, foldableBytes] = [0, 0]
  let alive = sum([...graphInputs(graph).values()].map(sizeBytes))
  let peak = alive
  tensors.forEach((tensor, i) => {
    const { source } = tensor
    if (fixed.has(tensor)) {
      if (source.kind === 'weight') weightBytes += sizeBytes(tensor)
      const isMade = source.kind === 'op' || (source.kind === 'weight' && source.parts.length > 1)
      if (isMade) foldableBytes += sizeBytes(tensor)
    } else if (source.kind === 'op') {
      alive += sizeBytes(tensor)
      peak = Math.max(peak, alive + (source.op.scratchBytes?.(source.inputs, source.attributes) ?? 0))
    }
    alive -= sum((dying.get(i) ?? []).filter((dead) => !fixed.has(dead)).map(sizeBytes))
  })
  return { weightBytes, foldableBytes, peakActivationBytes: peak }
}

/** Bytes of weights in each file that a graph points into. */
export function weightFilesOf({ tensors }: Graph): ReadonlyMap<string, number> {
  const files = new Map<string, number>()
  for (const { source } of tensors) {
    if (source.kind !== 'weight') continue
    for (const { file, sizeBytes } of source.parts) files.set(file, (files.get(file) ?? 0) + sizeBytes)
  }
  return files
}

/** Computed tensors by the position of their last user. Outputs have none. */
function lastUses({ tensors, outputs }: Graph): Map<number, Tensor[]> {
  const lastUse = new Map<Tensor, number>()
  tensors.forEach((tensor, i) => {
    for (const operand of inputsOf(tensor)) if (operand.source.kind === 'op') lastUse.set(operand, i)
  })
  for (const tensor of Object.values(outputs)) lastUse.delete(tensor)
  const dying = new Map<number, Tensor[]>()
  for (const [tensor, i] of lastUse) dying.set(i, [...(dying.get(i) ?? []), tensor])
  return dying
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0)

const sizeBytes = ({ dtype, shape }: Tensor): number => sizeOf(shape) * bytesOf(dtype)
