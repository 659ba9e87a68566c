// Opens the checkpoint once through weights, onnx and runtime, then runs over all of it once.
import { add, emit, graph, input, memoryOf } from '@dreamgraph/onnx'
import { openRuntime, type Runtime, type WeightPlacement } from '@dreamgraph/runtime'
import { uniform } from '../random-values.js'
import { peakBytes } from '../worker.js'
import { inputShape, modelOver } from './checkpoint.js'

export interface OpenOptions {
  readonly file: string
  readonly weights: WeightPlacement
  /** Whether the runtime's process runs already; otherwise its start is part of the time. */
  readonly started: boolean
}

export interface Opened {
  readonly ms: number
  /** Resident memory of the runtime's process beyond what it had before, after opening and at most through one run. */
  readonly openedBytes: number
  readonly peakBytes: number
}

export async function work({ file, weights, started }: OpenOptions): Promise<Opened> {
  const runtime = await openRuntime({ device: 'cpu' })
  if (started) await runNothing(runtime)
  const before = runtime.status().rssBytes
  const start = performance.now()
  const session = runtime.session(await modelOver(file), { weights })
  await session.load()
  const ms = performance.now() - start
  const { rssBytes } = runtime.status()
  const data = uniform(inputShape[0] * inputShape[1], { bound: 1, seed: 2 })
  await session.run({ x: { dtype: 'float32', shape: inputShape, data } })
  const { childPid, peakRssBytes } = runtime.status()
  const peak = peakBytes(childPid, peakRssBytes)
  await runtime.close()
  return { ms, openedBytes: rssBytes - before, peakBytes: peak - before }
}

/** A model of one sum: after it the process is up and onnxruntime loaded. */
async function runNothing(runtime: Runtime): Promise<void> {
  const x = input('x', [1])
  const sum = graph('nothing', { y: add(x, x) })
  const session = runtime.session({ name: 'nothing', bytes: emit(sum), ...memoryOf(sum) })
  await session.run({ x: { dtype: 'float32', shape: [1], data: Float32Array.of(1) } })
  await session.release()
}
