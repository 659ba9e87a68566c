// The probe as files: config.json and model.safetensors in a folder.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { declaredParameters } from '@dreamgraph/dreamo'
import { input } from '@dreamgraph/onnx'
import { makeFolder } from '@dreamgraph/store'
import { type Checkpoint, emaOf } from '@dreamgraph/train'
import {
  assertMatch,
  encodeFloats,
  matchWeights,
  openSafetensors,
  toFloat32,
  type WeightSet,
  writeSafetensors,
} from '@dreamgraph/weights'
import { z } from 'zod'
import { EvaluationError } from '../errors.js'
import { type ReaderName, readerNames, readers } from './attributes.js'
import { cropSizePx } from './crops.js'
import { answers, type ProbeConfig } from './network.js'

const fileNames = { config: 'config.json', weights: 'model.safetensors' } as const

const count = z.number().int().min(1).max(4096)
const network = z.object({ channels: z.tuple([count, count, count]), hidden: count })
const schema = z.object({
  networks: z.object({ thing: network, garment: network, head: network, face: network, picture: network }),
  /** Reader → attribute → values, as the outputs are ordered. */
  readers: z.record(z.string(), z.record(z.string(), z.array(z.string()))),
})

/** Weights by name, such as `thing.stem.weight`. */
export type ProbeValues = ReadonlyMap<string, { readonly shape: readonly number[]; readonly data: Float32Array }>

/** What a trained reader is: the running means of its weights. */
export function readerValues({ state }: Checkpoint): ProbeValues {
  const prefix = emaOf('')
  const means = [...state].filter(([name]) => name.startsWith(prefix))
  return new Map(means.map(([name, value]) => [name.slice(prefix.length), value]))
}

/** The same of one reader of a probe's folder. Throws what openProbeFiles throws. */
export async function readReaderValues(folder: string, reader: ReaderName): Promise<ProbeValues> {
  const { weights } = await openProbeFiles(folder)
  const own = [...weights].filter(([name]) => name.startsWith(`${reader}.`))
  const values = own.map(async ([name, view]) => [name, { shape: view.shape, data: await toFloat32(view) }] as const)
  return new Map(await Promise.all(values))
}

/** Writes the weights of all readers as bfloat16, and what they are for. */
export async function writeProbe(folder: string, parts: readonly ProbeValues[], networks: ProbeConfig): Promise<void> {
  await makeFolder(folder)
  const tensors = parts
    .flatMap((values) => [...values])
    .map(([name, { shape, data }]) => ({ name, dtype: 'BF16' as const, shape, data: encodeFloats(data, 'BF16', name) }))
  await writeSafetensors(join(folder, fileNames.weights), tensors, { format: 'pt' })
  await writeFile(join(folder, fileNames.config), `${JSON.stringify({ networks, readers }, null, 2)}\n`)
}

/** Opens a folder of the probe. Throws eval/probe-invalid, weights/*. */
export async function openProbeFiles(folder: string): Promise<{ config: ProbeConfig; weights: WeightSet }> {
  const path = join(folder, fileNames.config)
  const config = await readConfig(path)
  if (JSON.stringify(config.readers) !== JSON.stringify(readers)) {
    const rule = 'a probe that reads the attributes of this version (train it again: npm run train:probe)'
    throw new EvaluationError('eval/probe-invalid', `${path}: expected ${rule}, got one with other readers`)
  }
  const file = join(folder, fileNames.weights)
  const { tensors } = await openSafetensors(file)
  assertMatch(matchWeights(expectedWeights(config.networks), tensors), file)
  return { config: config.networks, weights: tensors }
}

async function readConfig(path: string): Promise<z.infer<typeof schema>> {
  try {
    return schema.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    const rule = code === 'ENOENT' ? 'a trained probe (npm run train:probe makes one)' : 'the config of a probe'
    throw new EvaluationError('eval/probe-invalid', `${path}: expected ${rule}, got ${code ?? message}`, { cause })
  }
}

const expectedWeights = (config: ProbeConfig) =>
  declaredParameters((parameters) => {
    for (const reader of readerNames) {
      answers(parameters, config[reader], reader, input(reader, [1, 3, cropSizePx[reader], cropSizePx[reader]]))
    }
  })
