// Does a model fit together, and is it all there? Answered part by part, without running anything.
import { stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import {
  type ComponentKind,
  DreamoError,
  modelFiles,
  openClipTokenizer,
  openT5Tokenizer,
  parseSchedulerConfig,
  presets,
  readJson,
} from '@dreamgraph/dreamo'
import { NodesError } from './errors.js'
import type { ModelEntry } from './model-registry.js'
import { checkLora, checkPart, checkWeights, exists, type PartReport } from './part-check.js'

export interface ModelReport {
  readonly path: string
  readonly ok: boolean
  readonly parts: readonly PartReport[]
  readonly loras: readonly PartReport[]
  /** Empty for a single file. */
  readonly presets: readonly { readonly name: string; readonly ready: boolean; readonly missing: readonly string[] }[]
}

/** Reports on a model folder, or on one file of any known kind. Throws nodes/file-missing when there is nothing. */
export async function checkModel(path: string): Promise<ModelReport> {
  const stats = await stat(path).catch((cause) => {
    throw new NodesError('nodes/file-missing', `${path}: expected a model folder or file, got nothing there`, { cause })
  })
  const isFolder = stats.isDirectory() && (await exists(join(path, 'transformer')))
  return isFolder ? checkModelEntry({ folder: path }) : checkSingle(path)
}

/** Reports on a model by where its parts lie. What is gone is a finding like others. */
export async function checkModelEntry(entry: ModelEntry): Promise<ModelReport> {
  const { folder } = entry
  const pathOf = (part: keyof ModelEntry, name: string): string => entry[part] ?? (folder ? join(folder, name) : '')
  const transformer = await checkWeights('transformer', pathOf('transformer', 'transformer'))
  const parts = [
    transformer.report,
    (await checkWeights('vae', pathOf('vae', 'vae'))).report,
    (await checkWeights('clip', pathOf('textEncoder', 'text_encoder'))).report,
    (await checkWeights('t5', pathOf('textEncoder2', 'text_encoder_2'))).report,
    await checkPart('CLIP tokenizer', pathOf('tokenizer', 'tokenizer'), async (path) => {
      await openClipTokenizer(path)
      return 'opens'
    }),
    await checkPart('T5 tokenizer', pathOf('tokenizer2', 'tokenizer_2'), async (path) => {
      return `${(await openT5Tokenizer(path)).size} tokens`
    }),
    await checkPart('scheduler', pathOf('scheduler', 'scheduler'), async (path) => {
      const file = join(path, 'scheduler_config.json')
      return parseSchedulerConfig(await readJson(file), file).dynamicShift ? 'as FLUX.1-dev' : 'as FLUX.1-schnell'
    }),
  ]
  const files = [...new Set(presets.flatMap(({ loras }) => loras.map(({ file }) => file)))]
  const loras = folder
    ? await Promise.all(files.map(async (file) => checkLora(await loraPath(folder, file), transformer.weights)))
    : []
  const ready = new Set(files.filter((_, i) => loras[i]?.state === 'fits'))
  return {
    path: folder ?? parts[0]!.path,
    // Without a scheduler FLUX.1-dev's or schnell's schedule is used; without LoRA it is plain FLUX.
    ok:
      parts.every(({ part, state }) => state === 'fits' || (part === 'scheduler' && state === 'absent')) &&
      loras.every(({ state }) => state !== 'wrong'),
    parts,
    loras,
    presets: presets.map(({ version, turbo, loras }) => {
      const missing = loras.filter(({ file }) => !ready.has(file)).map(({ file }) => file)
      return { name: `${version}${turbo ? ' with turbo' : ''}`, ready: missing.length === 0, missing }
    }),
  }
}

/** Why a model cannot be opened, as far as a look at its folder tells; undefined when all parts are there. */
export async function modelProblem(entry: ModelEntry): Promise<string | undefined> {
  try {
    await modelFiles(entry.folder, entry)
    return undefined
  } catch (error) {
    if (error instanceof DreamoError) return error.message
    throw error
  }
}

/** Presets look in the model's folder and beside it. */
async function loraPath(folder: string, file: string): Promise<string> {
  const inside = join(folder, file)
  const beside = join(dirname(folder), file)
  return !(await exists(inside)) && (await exists(beside)) ? beside : inside
}

/** A single file says by its keys what it is. */
async function checkSingle(path: string): Promise<ModelReport> {
  const kinds: readonly ComponentKind[] = ['transformer', 'vae', 'clip', 't5']
  for (const kind of kinds) {
    const { report, isOther } = await checkWeights(kind, path)
    if (!isOther) return { path, ok: report.state === 'fits', parts: [report], loras: [], presets: [] }
  }
  const lora = await checkLora(path, undefined)
  return { path, ok: lora.state === 'fits', parts: [], loras: [lora], presets: [] }
}
