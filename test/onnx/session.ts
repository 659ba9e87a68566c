// Runs an expression on a real session and compares it to what its definition gives.
import { emit, graph, memoryOf, type Tensor } from '@dreamgraph/onnx'
import type { Feeds, Runtime, TensorData } from '@dreamgraph/runtime'
import { expect } from 'vitest'
import type { Value } from './reference.js'

/** Values that look normal enough; the same seed gives the same ones. */
export function randomValue(shape: readonly number[], seed: number): Value {
  const length = shape.reduce((n, d) => n * d, 1)
  let state = (seed + 1) * 0x9e3779b9
  const uniform = (): number => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) | 0
    return ((state ^ (state >>> 13)) >>> 0) / 2 ** 32
  }
  // Rounded to float32: what is fed is what the reference computes with.
  return { shape, data: Float64Array.from({ length }, () => Math.fround(2 * (uniform() + uniform() + uniform()) - 3)) }
}

export const floats = ({ shape, data }: Value): TensorData => ({
  dtype: 'float32',
  shape,
  data: Float32Array.from(data),
})

/** The outputs of a graph on a real session. */
export async function run(
  runtime: Runtime,
  outputs: Record<string, Tensor>,
  feeds: Feeds,
): Promise<Record<string, TensorData>> {
  const model = graph('case', outputs)
  const session = runtime.session({ name: 'case', bytes: emit(model), ...memoryOf(model) })
  try {
    return await session.run(feeds)
  } finally {
    await session.release()
  }
}

/** Fails unless the tensor has the shape and, within |got − want| ≤ tolerance·(1 + |want|), the values. */
export function expectClose(got: TensorData, want: Value, tolerance: number): void {
  expect(got.shape).toEqual(want.shape)
  const values = Float64Array.from(got.data as Float32Array)
  const worst = values.reduce((i, x, j) => (excess(x, want.data[j]) > excess(values[i], want.data[i]) ? j : i), 0)
  const message = `element ${worst}: expected ${want.data[worst]}, got ${values[worst]}`
  expect(excess(values[worst], want.data[worst]), message).toBeLessThanOrEqual(tolerance)
}

function excess(got: number, want: number): number {
  const error = Math.abs(got - want) / (1 + Math.abs(want))
  return Number.isNaN(error) ? Number.POSITIVE_INFINITY : error
}
