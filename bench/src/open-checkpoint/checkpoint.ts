// A checkpoint of exactly 1 GiB of weights, and the graph that runs over all of them once.
import { emit, graph, input, matmul, memoryOf, weight } from '@dreamgraph/onnx'
import type { ModelSource } from '@dreamgraph/runtime'
import { openSafetensors, writeSafetensors } from '@dreamgraph/weights'
import { uniform } from '../random-values.js'

const width = 2048
const layers = 64 // × 2048² × 4 bytes = 1 GiB
export const weightBytes = layers * width * width * 4
export const inputShape = [64, width]

/** Each layer has numbers of its own: equal ones would be packed once for all. */
export async function writeCheckpoint(path: string): Promise<void> {
  const layer = (_: unknown, i: number) => {
    const bound = Math.sqrt(3 / width) // keeps the variance of the input
    const data = async () => uniform(width * width, { bound, seed: i + 1 })
    return { name: `layers.${i}`, dtype: 'F32', shape: [width, width], data } as const
  }
  await writeSafetensors(path, Array.from({ length: layers }, layer))
}

/** Header → graph → model bytes whose initializers point into the file. */
export async function modelOver(path: string): Promise<ModelSource> {
  const { tensors } = await openSafetensors(path)
  let x = input('x', inputShape)
  for (const { name, shape, parts } of tensors.values()) x = matmul(x, weight(name, 'float32', shape, parts))
  const chain = graph('chain', { y: x })
  return { name: 'chain', bytes: emit(chain), ...memoryOf(chain) }
}
