/** Asks a device to compute a tiny graph in a child of its own: drivers may crash, hang, or compute wrong numbers. */

import { emit, graph, input, matmul, memoryOf, softmax } from '@dreamgraph/onnx'
import { ChildHost } from './child-host.js'
import type { Device } from './messages.js'
import { Pool } from './pool.js'
import { Session } from './session.js'
import type { TensorData } from './tensor.js'
import { Turns } from './turns.js'

/** A software driver needs about one second; a broken one would take forever. */
const probeTimeoutMs = 30_000
/** GPUs may sum in any order and with fused operations. */
const tolerance = 1e-4

const [rows, inner, columns] = [4, 8, 4]

/** Returns why the device cannot be used, or undefined where it computed softmax(x·w) right. */
export async function probeDevice(device: Device, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const host = new ChildHost(() => {}, env)
  const limits = { threads: 1, graceMs: 0, memoryLimitBytes: Number.POSITIVE_INFINITY, verbose: false }
  const pool = new Pool({ host, turns: new Turns(), device, ...limits })
  const session = new Session(pool, probeModel(), {})
  const [x, w] = [wave([rows, inner], 1), wave([inner, columns], 2)]
  try {
    const { y } = await session.run({ x, w }, { signal: AbortSignal.timeout(probeTimeoutMs) })
    const error = maxDifference(y!.data as Float32Array, expected(x.data, w.data))
    return error <= tolerance ? undefined : `a test graph came out wrong by ${error}`
  } catch (error) {
    return firstReason(error instanceof Error ? error.message : String(error))
  } finally {
    await host.stop()
  }
}

function probeModel() {
  const x = input('x', [rows, inner])
  const w = input('w', [inner, columns])
  const model = graph('probe', { y: softmax(matmul(x, w)) })
  return { name: 'probe', bytes: emit(model), ...memoryOf(model) }
}

function wave(shape: readonly [number, number], step: number): TensorData & { data: Float32Array } {
  const data = Float32Array.from({ length: shape[0] * shape[1] }, (_, i) => Math.sin(step * i))
  return { dtype: 'float32', shape, data }
}

function expected(x: Float32Array, w: Float32Array): number[] {
  return Array.from({ length: rows }, (_, row) => {
    const scores = Array.from({ length: columns }, (_, column) => {
      let sum = 0
      for (let k = 0; k < inner; k++) sum += x[row * inner + k]! * w[k * columns + column]!
      return Math.exp(sum)
    })
    const total = scores.reduce((sum, score) => sum + score, 0)
    return scores.map((score) => score / total)
  }).flat()
}

function maxDifference(got: Float32Array, want: readonly number[]): number {
  // NaN must not pass for small.
  return want.reduce((max, value, i) => Math.max(max, Math.abs(value - (got[i] ?? Number.NaN))), 0)
}

/** onnxruntime prefixes its reasons with source positions; the last sentence of the first line is for people. */
function firstReason(message: string): string {
  const line = message.split('\n')[0]!.trim()
  return /Failed to .*$/.exec(line)?.[0] ?? line
}
