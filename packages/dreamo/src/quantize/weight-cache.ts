// Files of quantized weights, made once and mapped from then on. Each is named by all that its content hangs on.
import { createHash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { writeFileAtomic } from '@dreamgraph/store'
import {
  openSafetensors,
  readTensor,
  type TensorSource,
  type WeightSet,
  WeightsError,
  writeSafetensors,
} from '@dreamgraph/weights'
import { markUsed, mostKeptBytes, removeOldest } from './kept-weights.js'

export interface CachedWeights {
  /** Path without its ending: `.safetensors` holds the weights, `.json` what they were when they were written. */
  readonly path: string
  /** Called only when there is no usable file. Data is made when its turn comes. */
  readonly sources: () => readonly TensorSource[]
  /** Most that the files of its folder take together, once it is written. */
  readonly mostBytes?: number
}

/** State of a file when its content was known. */
interface Seal {
  readonly sizeBytes: string
  readonly mtimeNs: string
  /** Of all tensors' bytes, in order of name. */
  readonly sha256: string
}

/**
 * The tensors of the cached file. A file that is not as it was written is read through: if its content still is what it
 * was, it is used, else it is made again. Opening an untouched file reads its header alone.
 */
export async function cachedWeights({ path, sources, mostBytes = mostKeptBytes }: CachedWeights): Promise<WeightSet> {
  const known = await openSealed(path)
  if (known) {
    await markUsed(path)
    return known
  }
  const file = `${path}.safetensors`
  await writeSafetensors(file, sources(), {}, { order: 'given' })
  const { tensors } = await openSafetensors(file)
  await seal(path, await contentHash(tensors))
  await removeOldest(path, mostBytes)
  return tensors
}

async function openSealed(path: string): Promise<WeightSet | undefined> {
  const file = `${path}.safetensors`
  try {
    const sealed = JSON.parse(await readFile(`${path}.json`, 'utf8')) as Seal
    const { sizeBytes, mtimeNs } = await stateOf(file)
    const { tensors } = await openSafetensors(file)
    if (sizeBytes === sealed.sizeBytes && mtimeNs === sealed.mtimeNs) return tensors
    if ((await contentHash(tensors)) !== sealed.sha256) return undefined
    await seal(path, sealed.sha256)
    return tensors
  } catch (error) {
    // Absent, torn or foreign: it is made again, and says so if that fails.
    if (error instanceof WeightsError || error instanceof SyntaxError || isSystemError(error)) return undefined
    throw error
  }
}

async function seal(path: string, sha256: string): Promise<void> {
  const state = await stateOf(`${path}.safetensors`)
  await writeFileAtomic(`${path}.json`, JSON.stringify({ ...state, sha256 } satisfies Seal))
}

async function stateOf(file: string): Promise<Pick<Seal, 'sizeBytes' | 'mtimeNs'>> {
  const { size, mtimeNs } = await stat(file, { bigint: true })
  return { sizeBytes: String(size), mtimeNs: String(mtimeNs) }
}

async function contentHash(tensors: WeightSet): Promise<string> {
  const hash = createHash('sha256')
  for (const name of [...tensors.keys()].sort()) {
    hash.update(name)
    hash.update(await readTensor(tensors.get(name)!))
  }
  return hash.digest('hex')
}

const isSystemError = (error: unknown): boolean => typeof (error as NodeJS.ErrnoException | null)?.code === 'string'
