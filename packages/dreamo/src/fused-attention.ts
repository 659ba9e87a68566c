// Is the device's fused attention to be trusted? Asked once per runtime, by computing a small case both ways.
// onnxruntime's WebGPU kernel has been wrong on whole families of GPUs (and is on software Vulkan, from 17 tokens on).
import { attention, emit, graph, input, memoryOf, withoutFusedAttention } from '@dreamgraph/onnx'
import type { Runtime, TensorData } from '@dreamgraph/runtime'
import { gaussianNoise } from './noise.js'

const verdicts = new WeakMap<Runtime, Promise<boolean>>()

/** True on the cpu; elsewhere when both ways agree within 1e-3 with and without a bias. */
export function fusedAttentionWorks(runtime: Runtime): Promise<boolean> {
  if (runtime.device === 'cpu') return Promise.resolve(true)
  const verdict = verdicts.get(runtime) ?? compareBothWays(runtime)
  verdicts.set(runtime, verdict)
  return verdict
}

async function compareBothWays(runtime: Runtime): Promise<boolean> {
  const [tokens, heads, headDim] = [80, 2, 64] // more than one tile of every kernel known
  const shape = [1, tokens, heads * headDim]
  const biasShape = [1, heads, tokens, tokens]
  const [q, k, v] = ['q', 'k', 'v'].map((name) => input(name, shape))
  const fused = graph('attention probe', {
    plain: attention(q, k, v, { heads }),
    biased: attention(q, k, v, { heads, bias: input('bias', biasShape) }),
  })
  const noise = (dims: readonly number[], index: number): TensorData => ({
    dtype: 'float32',
    shape: dims,
    data: gaussianNoise(
      dims.reduce((n, d) => n * d, 1),
      { seed: 1n, stream: 'latent', index },
    ),
  })
  const feeds = { q: noise(shape, 0), k: noise(shape, 1), v: noise(shape, 2), bias: noise(biasShape, 3) }
  const [got, want] = await Promise.all(
    [fused, withoutFusedAttention(fused)].map(async (model) => {
      const session = runtime.session({ name: model.name, bytes: emit(model), ...memoryOf(model) })
      const outputs = await session.run(feeds)
      await session.release()
      return outputs
    }),
  )
  return Object.keys(got).every((name) => {
    const reference = want[name].data as Float32Array
    return (got[name].data as Float32Array).every((x, i) => Math.abs(x - reference[i]) <= 1e-3)
  })
}
