import { afterAll, describe, expect, it } from 'vitest'
import { openRuntime } from './runtime.js'
import { modelBytes } from './testing/model-proto.js'

const runtime = await openRuntime({ device: 'cpu' })
afterAll(() => runtime.close())

describe('Session', () => {
  it('runs a model in the child', async () => {
    const bytes = modelBytes({
      inputs: [{ name: 'a', type: 'float32', shape: ['n', 2] }],
      outputs: [{ name: 'b', type: 'float32', shape: ['n', 2] }],
      nodes: [{ op: 'Add', inputs: ['a', 'a'], outputs: ['b'] }],
    })
    const session = runtime.session({ name: 'double', bytes, weightBytes: 0, peakActivationBytes: 0 })
    const { b } = await session.run({ a: { dtype: 'float32', shape: [1, 2], data: Float32Array.of(1, 2) } })
    expect(b).toEqual({ dtype: 'float32', shape: [1, 2], data: Float32Array.of(2, 4) })
  })
})
