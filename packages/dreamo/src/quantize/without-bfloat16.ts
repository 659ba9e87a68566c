// WebGPU has neither bfloat16 nor fp8: onnxruntime would cast such weights on the CPU and send them over at every run. They are
// written once more, in types that it has.
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { cast } from '@dreamgraph/onnx'
import { fileDigests } from '@dreamgraph/store'
import type { TensorSource, WeightSet, WeightView } from '@dreamgraph/weights'
import { parametersOf } from '../parameters.js'
import type { Sessions } from '../sessions.js'
import { quantizedFolder } from './kept-weights.js'
import type { PrepareOptions } from './schemes.js'
import { cachedWeights } from './weight-cache.js'

const foreignTypes: ReadonlySet<string> = new Set(['BF16', 'F8_E4M3', 'F8_E5M2'])

/** Whether the device would have to have this weight cast for it. */
export const isForeign = (sessions: Sessions, { dtype }: WeightView): boolean =>
  sessions.device === 'webgpu' && foreignTypes.has(dtype)

/** The same numbers: matrices in float16 where the device has that, which loses what is below 6e-8; all else in float32. */
export async function inKnownTypes(
  views: readonly WeightView[],
  sessions: Sessions,
  { signal, onProgress }: PrepareOptions = {},
): Promise<TensorSource[]> {
  const hasHalves = await sessions.hasHalves()
  return views.map((view, i) => {
    const { name, shape } = view
    const isHalf = hasHalves && shape.length > 1
    const data = async (): Promise<Uint8Array> => {
      signal?.throwIfAborted()
      onProgress?.(i, views.length, `storing ${name}`)
      const value = parametersOf(new Map([[name, view]])).weight(name, shape)
      const { stored } = await sessions.once(`store ${name}`, { stored: isHalf ? cast(value, 'float16') : value })
      const { buffer, byteOffset, byteLength } = stored!.data
      return new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength)
    }
    return { name, dtype: isHalf ? 'F16' : 'F32', shape, data }
  })
}

/** Bump when the same files give other bytes. */
const formatVersion = 1

/** A part of a model with such weights exchanged for those of a file that is made on first use; most often the part itself. */
export async function withoutBfloat16<T extends { readonly weights: WeightSet; readonly files: readonly string[] }>(
  part: T,
  sessions: Sessions,
  { home, ...options }: PrepareOptions & { readonly home: string },
): Promise<T> {
  const foreign = [...part.weights.values()].filter((view) => isForeign(sessions, view))
  if (foreign.length === 0) return part
  const sources = await inKnownTypes(foreign, sessions, options)
  const digests = fileDigests({ dir: join(home, 'digests') })
  const content = await Promise.all(part.files.map((file) => digests.digest(file)))
  const types = sources.map(({ name, dtype }) => [name, dtype])
  const key = createHash('sha256')
    .update(JSON.stringify(['known types', formatVersion, content, types]))
    .digest('hex')
  const file = await cachedWeights({ path: join(quantizedFolder(home), key), sources: () => sources })
  return { ...part, weights: new Map([...part.weights, ...file]) }
}
