// Everything that may be called a checkpoint: one file, a sharded index, or a component's folder → one set of raw tensors.
import { readdir, readFile, realpath, stat } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve, sep } from 'node:path'
import { WeightsError } from './errors.js'
import { isGguf, openGguf } from './gguf.js'
import { openSafetensors } from './safetensors.js'
import type { WeightSet, WeightView } from './view.js'

export interface Checkpoint {
  /** absolute path as given: a file or a folder */
  readonly path: string
  /** absolute paths of the files that hold data */
  readonly files: readonly string[]
  /** tensors by their name in the files */
  readonly tensors: WeightSet
  readonly metadata: ReadonlyMap<string, string>
}

/** Names of the weights in a component's folder, in the order of preference of diffusers and transformers. */
const standardNames = ['diffusion_pytorch_model', 'model']
const indexSuffix = '.safetensors.index.json'
const checkpointNames = /\.(safetensors|safetensors\.index\.json|gguf)$/

/** Opens a .safetensors or GGUF file, a .safetensors.index.json, or a folder that holds one. Reads headers only. */
export async function openCheckpoint(path: string): Promise<Checkpoint> {
  const absolute = resolve(path)
  const entry = await stat(absolute).catch((cause) => {
    throw new WeightsError(
      'weights/file-unreadable',
      `${absolute}: expected a file or folder, got ${(cause as NodeJS.ErrnoException).code}`,
      { cause },
    )
  })
  const file = entry.isDirectory() ? await findWeights(absolute) : absolute
  if (file.endsWith(indexSuffix)) return { ...(await openSharded(file)), path: absolute }
  const opened = (await isGguf(file)) ? await openGguf(file) : await openSafetensors(file)
  return { path: absolute, files: [file], tensors: opened.tensors, metadata: opened.metadata }
}

/** The one checkpoint of a folder: a standard name first, else the only checkpoint there is. */
async function findWeights(folder: string): Promise<string> {
  const names = (await readdir(folder)).sort()
  const candidates = names.filter((name) => checkpointNames.test(name))
  for (const base of standardNames)
    for (const name of [`${base}.safetensors`, `${base}${indexSuffix}`])
      if (candidates.includes(name)) return join(folder, name)
  const indexes = candidates.filter((name) => name.endsWith(indexSuffix))
  const choices = indexes.length > 0 ? indexes : candidates
  if (choices.length === 1) return join(folder, choices[0]!)
  if (choices.length === 0)
    throw new WeightsError('weights/folder-empty', `${folder}: expected a .safetensors or .gguf checkpoint, got none`)
  throw new WeightsError(
    'weights/folder-ambiguous',
    `${folder}: expected ${standardNames.map((base) => `${base}.safetensors`).join(' or ')} or one checkpoint, got ${choices.slice(0, 4).join(', ')}`,
  )
}

/** Opens all shards of an index and takes each tensor from the shard that the index names. */
async function openSharded(index: string): Promise<Omit<Checkpoint, 'path'>> {
  const weightMap = await readWeightMap(index)
  const shards = new Map<string, WeightSet>()
  for (const shard of new Set(weightMap.values())) shards.set(shard, await openShard(index, shard))
  const tensors = new Map<string, WeightView>()
  for (const [name, shard] of weightMap) {
    const view = shards.get(shard)!.get(name)
    if (!view)
      throw new WeightsError(
        'weights/shard-tensor-absent',
        `${index}: expected ${name} in ${shard}, got no such tensor`,
      )
    tensors.set(name, view)
  }
  const files = [...shards.keys()].map((shard) => join(dirname(index), shard))
  return { files, tensors, metadata: new Map() }
}

async function readWeightMap(index: string): Promise<Map<string, string>> {
  let parsed: unknown
  try {
    parsed = JSON.parse(await readFile(index, 'utf8'))
  } catch (cause) {
    throw new WeightsError('weights/index-invalid', `${index}: expected JSON, got ${(cause as Error).message}`, {
      cause,
    })
  }
  const weightMap = (parsed as { weight_map?: unknown } | null)?.weight_map
  if (typeof weightMap !== 'object' || weightMap === null || Array.isArray(weightMap))
    throw new WeightsError('weights/index-invalid', `${index}: expected an object weight_map, got ${typeof weightMap}`)
  const entries = Object.entries(weightMap)
  const wrong = entries.find(([, shard]) => typeof shard !== 'string' || shard === '')
  if (wrong)
    throw new WeightsError(
      'weights/index-invalid',
      `${index}: expected a file name for ${wrong[0]}, got ${JSON.stringify(wrong[1])}`,
    )
  return new Map(entries)
}

/**
 * A shard name is untrusted: it may not climb out of the folder. The name alone is judged, not where a symlink leads,
 * because a hub cache is made of symlinks to blobs elsewhere.
 */
async function openShard(index: string, shard: string): Promise<WeightSet> {
  const folder = dirname(index)
  const file = resolve(folder, shard)
  const inside = relative(folder, file)
  if (
    shard.includes('\0') ||
    shard.includes('\\') ||
    inside === '' ||
    inside.split(sep)[0] === '..' ||
    shard !== inside
  )
    throw new WeightsError(
      'weights/shard-outside',
      `${index}: expected shards inside the folder, got ${JSON.stringify(shard)}`,
    )
  await realpath(file).catch((cause) => {
    throw new WeightsError(
      'weights/shard-missing',
      `${index}: expected the shard ${basename(file)} beside it, got ${(cause as NodeJS.ErrnoException).code}`,
      { cause },
    )
  })
  return (await openSafetensors(file)).tensors
}
