/** Models that several tests share. */

import type { ModelSource } from '../model-source.js'
import type { TensorData } from '../tensor.js'
import { modelBytes, type TestGraph } from './model-proto.js'

export function source(name: string, graph: TestGraph, sizes: Partial<ModelSource> = {}): ModelSource {
  return { name, bytes: modelBytes(graph), weightBytes: 0, peakActivationBytes: 0, ...sizes }
}

/** y = x + b, with x and y [n, 2] and b [2]. */
export function adder(sizes: Partial<ModelSource> = {}): ModelSource {
  const graph: TestGraph = {
    inputs: [
      { name: 'x', type: 'float32', shape: ['n', 2] },
      { name: 'b', type: 'float32', shape: [2] },
    ],
    outputs: [{ name: 'y', type: 'float32', shape: ['n', 2] }],
    nodes: [{ op: 'Add', inputs: ['x', 'b'], outputs: ['y'] }],
  }
  return source('adder', graph, sizes)
}

/**
 * y = a matrix product chain that takes a minute or so, from a scalar x. Each product alone outlasts any grace.
 * With `constant` the chain hangs on nothing, and a packed load has to compute it while folding.
 */
export function slow(kind: 'run' | 'load'): ModelSource {
  const side = 4096
  const links = 40
  const int64s = (...values: bigint[]) => new Uint8Array(BigInt64Array.from(values).buffer)
  const start = kind === 'run' ? 'x' : 'zero'
  return source(`slow ${kind}`, {
    inputs: [{ name: 'x', type: 'float32', shape: [1, 1] }],
    outputs: [{ name: 'y', type: 'float32', shape: [side, side] }],
    initializers: [
      { name: 'side', type: 'int64', shape: [2], data: int64s(BigInt(side), BigInt(side)) },
      { name: 'zero', type: 'float32', shape: [1, 1], data: new Uint8Array(4) },
    ],
    nodes: [
      { op: 'Expand', inputs: [start, 'side'], outputs: ['m0'] },
      ...Array.from({ length: links }, (_, i) => ({
        op: 'MatMul',
        inputs: [`m${i}`, `m${i}`],
        outputs: [`m${i + 1}`],
      })),
      { op: 'Add', inputs: [`m${links}`, 'x'], outputs: ['y'] },
    ],
  })
}

export function float32(shape: readonly number[], ...values: number[]): TensorData {
  return { dtype: 'float32', shape, data: Float32Array.from(values) }
}
