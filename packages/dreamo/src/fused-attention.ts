// Is the device's fused attention to be trusted? Asked once per runtime and type, by computing a small case both ways.
// onnxruntime's WebGPU kernel has been wrong on whole families of GPUs (and is on software Vulkan, from 17 tokens on).
import { attention, cast, type DType, emit, graph, input, memoryOf, withoutFusedAttention } from '@dreamgraph/onnx'
import type { Runtime, TensorData } from '@dreamgraph/runtime'
import { gaussianNoise } from './noise.js'

const verdicts = new WeakMap<Runtime, Map<DType, Promise<boolean>>>()

/** True on the cpu; elsewhere when both ways agree with and without a bias, within 1e-3, or 1e-2 in float16. */
export function fusedAttentionWorks(runtime: Runtime, dtype: DType): Promise<boolean> {
  if (runtime.device === 'cpu') return Promise.resolve(true)
  const ofRuntime = verdicts.get(runtime) ?? new Map<DType, Promise<boolean>>()
  verdicts.set(runtime, ofRuntime)
  const verdict = ofRuntime.get(dtype) ?? compareBothWays(runtime, dtype)
  ofRuntime.set(dtype, verdict)
  return verdict
}

async function compareBothWays(runtime: Runtime, dtype: DType): Promise<boolean> {
  const [tokens, heads, headDim] = [80, 2, 64] // more than one tile of every kernel known
  const shape = [1, tokens, heads * headDim]
  const biasShape = [1, heads, tokens, tokens]
  const typed = (name: string, dims: readonly number[]) => cast(input(name, dims), dtype)
  const [q, k, v] = ['q', 'k', 'v'].map((name) => typed(name, shape))
  const fused = graph('attention probe', {
    plain: cast(attention(q, k, v, { heads }), 'float32'),
    biased: cast(attention(q, k, v, { heads, bias: typed('bias', biasShape) }), 'float32'),
  })
  const tolerance = dtype === 'float16' ? 1e-2 : 1e-3
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
    return (got[name].data as Float32Array).every((x, i) => Math.abs(x - reference[i]) <= tolerance)
  })
}
