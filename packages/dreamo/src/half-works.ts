// Does the device compute in float16? GPUs may lack it (WebGPU's shader-f16); asked once per runtime, by a small product.
import { cast, emit, graph, input, linear, memoryOf } from '@dreamgraph/onnx'
import { type Runtime, RuntimeError } from '@dreamgraph/runtime'

const verdicts = new WeakMap<Runtime, Promise<boolean>>()

/** True on the cpu, where onnxruntime casts to float32 and back. */
export function halfWorks(runtime: Runtime): Promise<boolean> {
  if (runtime.device === 'cpu') return Promise.resolve(true)
  const verdict = verdicts.get(runtime) ?? multiply(runtime)
  verdicts.set(runtime, verdict)
  verdict.catch(() => verdicts.delete(runtime)) // nothing was learnt: the next one asks again
  return verdict
}

/** What onnxruntime answers where a shader cannot be made. Others, such as the end of the process, say nothing of the device. */
const refusals: ReadonlySet<string> = new Set(['runtime/run-failed', 'runtime/model-rejected'])

async function multiply(runtime: Runtime): Promise<boolean> {
  const [x, w] = ['x', 'w'].map((name) => input(name, [2, 2]))
  const model = graph('float16 probe', { y: cast(linear(cast(x!, 'float16'), cast(w!, 'float16')), 'float32') })
  const session = runtime.session({ name: model.name, bytes: emit(model), ...memoryOf(model) })
  const values = (...data: number[]) => ({ dtype: 'float32', shape: [2, 2], data: Float32Array.from(data) }) as const
  try {
    const { y } = await session.run({ x: values(1, 2, 3, 4), w: values(5, 6, 7, 8) })
    return [...(y!.data as Float32Array)].join() === '17,23,39,53'
  } catch (error) {
    if (error instanceof RuntimeError && refusals.has(error.code)) return false
    throw error
  } finally {
    await session.release()
  }
}
