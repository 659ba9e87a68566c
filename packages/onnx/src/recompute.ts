// Recomputation (gradient checkpointing): inner tensors of a region are not kept for the backward pass but computed again.
import { OnnxError } from './errors.js'
import type { Tensor } from './ir.js'
import { concat, reshape, slice } from './ops/movement.js'
import { sizeOf } from './shape.js'

export interface Region {
  readonly inputs: readonly Tensor[]
  readonly outputs: readonly Tensor[]
  readonly build: (inputs: readonly Tensor[]) => readonly Tensor[]
}

/** Regions by each of their outputs. Tensors are immutable, so this never goes stale. */
const regions = new WeakMap<Tensor, Region>()

/**
 * Builds part of a graph whose inner tensors the backward pass computes again instead of keeping them: memory for time.
 * `build` must be a function of its arguments and of leaves (weights, inputs of the graph, constants); what it computes
 * leaves only through its outputs. Source: Chen et al. (arXiv 1604.06174).
 */
export function recomputed(
  inputs: readonly Tensor[],
  build: (inputs: readonly Tensor[]) => readonly Tensor[],
): readonly Tensor[] {
  const outputs = build(inputs)
  const region = { inputs, outputs, build }
  for (const output of outputs) {
    if (inputs.includes(output)) continue
    regions.set(output, region)
  }
  return outputs
}

export const regionOf = (tensor: Tensor): Region | undefined => regions.get(tensor)

/** A region's outputs once more, from inputs that wait for `dependency`: without that, all would be computed at the start. */
export function rebuild(region: Region, dependency: Tensor): { inputs: readonly Tensor[]; outputs: readonly Tensor[] } {
  const inputs = region.inputs.map((input) => waitingFor([dependency], input))
  const outputs = region.build(inputs)
  if (outputs.length !== region.outputs.length) {
    const rule = `${region.outputs.length} outputs each time it is built`
    throw new OnnxError('onnx/not-differentiable', `recomputed: expected ${rule}, got ${outputs.length}`)
  }
  return { inputs, outputs }
}

/**
 * The same values, as a tensor that cannot be computed before the dependencies: one element of each travels along.
 * Runtimes are free to order a graph; this is how to tell them.
 */
export function waitingFor(dependencies: readonly Tensor[], x: Tensor): Tensor {
  const flat = (tensor: Tensor): Tensor => reshape(tensor, { shape: [sizeOf(tensor.shape)] })
  const passengers = dependencies.map((tensor) => slice(flat(tensor), { axis: 0, from: 0, to: 1 }))
  const together = concat([flat(x), ...passengers], { axis: 0 })
  return reshape(slice(together, { axis: 0, from: 0, to: sizeOf(x.shape) }), { shape: x.shape })
}
