import { attention, emit, type Graph, graph, input, memoryOf, withoutFusedAttention } from '@dreamgraph/onnx'
import { openRuntime, type Runtime, type TensorData } from '@dreamgraph/runtime'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { fusedAttentionWorks } from './fused-attention.js'
import { gaussianNoise } from './noise.js'
import { closeTo } from './testing/golden.js'

let runtime: Runtime
beforeAll(async () => {
  runtime = await openRuntime({ device: 'cpu' })
})
afterAll(() => runtime.close())

const run = (model: Graph, feeds: Record<string, TensorData>) =>
  runtime.session({ name: model.name, bytes: emit(model), ...memoryOf(model) }).run(feeds)

test.each([
  ['plain', 33, 47, {}],
  ['causal', 40, 40, { causal: true }],
  ['scaled', 12, 70, { scale: 1 }],
  // Scores of 2 heads × 9000 × 4000 floats are beyond the block limit: the queries are cut in two.
  ['in blocks', 9000, 4000, {}],
])('attention spelled out equals the fused kernel: %s', async (_, queries, keys, options) => {
  const [heads, width] = [2, 16]
  const tensor = (length: number, index: number): TensorData => ({
    dtype: 'float32',
    shape: [1, length, width],
    data: gaussianNoise(length * width, { seed: 3n, stream: 'latent', index }),
  })
  const feeds = { q: tensor(queries, 0), k: tensor(keys, 1), v: tensor(keys, 2) }
  const [q, k, v] = Object.entries(feeds).map(([name, { shape }]) => input(name, shape))
  const fused = graph('fused', { out: attention(q, k, v, { heads, ...options }) })
  const want = (await run(fused, feeds)).out.data as Float32Array
  const got = (await run(withoutFusedAttention(fused), feeds)).out.data as Float32Array
  closeTo(got, want, { atol: 1e-5, rtol: 1e-4 })
})

test('the cpu kernel is trusted without a trial', async () => {
  expect(await fusedAttentionWorks(runtime, 'float32')).toBe(true)
})
