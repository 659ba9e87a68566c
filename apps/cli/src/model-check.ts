// Does a model fit together, and is it all there? Answered part by part, without running anything.
import { access, stat } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type Component,
  type ComponentKind,
  checkComponent,
  openClipTokenizer,
  openT5Tokenizer,
  parseSchedulerConfig,
  presets,
  readJson,
} from '@dreamgraph/dreamo'
import { assertLoraFits, assertMatch, matchLora, openLora, type WeightSet } from '@dreamgraph/weights'
import { CliError } from './errors.js'
import { userFaultOf } from './faults.js'

/** `absent` is a fault only of a part that every model needs. */
export interface PartReport {
  readonly part: string
  readonly path: string
  readonly state: 'fits' | 'wrong' | 'absent'
  /** How many tensors, or what is wrong. */
  readonly detail: string
}

export interface ModelReport {
  readonly path: string
  readonly ok: boolean
  readonly parts: readonly PartReport[]
  readonly loras: readonly PartReport[]
  /** Empty for a single file. */
  readonly presets: readonly { readonly name: string; readonly ready: boolean; readonly missing: readonly string[] }[]
}

/** Reports on a model folder, or on one file of any known kind. Throws cli/file-unreadable when there is nothing. */
export async function checkModel(path: string): Promise<ModelReport> {
  const stats = await stat(path).catch((cause) => {
    throw new CliError('cli/file-unreadable', `${path}: expected a model folder or file, got nothing there`, { cause })
  })
  return stats.isDirectory() && (await exists(join(path, 'transformer'))) ? checkFolder(path) : checkSingle(path)
}

async function checkFolder(folder: string): Promise<ModelReport> {
  const transformer = await checkWeights('transformer', join(folder, 'transformer'))
  const parts = [
    transformer.report,
    (await checkWeights('vae', join(folder, 'vae'))).report,
    (await checkWeights('clip', join(folder, 'text_encoder'))).report,
    (await checkWeights('t5', join(folder, 'text_encoder_2'))).report,
    await attempt('CLIP tokenizer', join(folder, 'tokenizer'), async (path) => {
      await openClipTokenizer(path)
      return 'opens'
    }),
    await attempt('T5 tokenizer', join(folder, 'tokenizer_2'), async (path) => {
      return `${(await openT5Tokenizer(path)).size} tokens`
    }),
    await attempt('scheduler', join(folder, 'scheduler'), async (path) => {
      const file = join(path, 'scheduler_config.json')
      return parseSchedulerConfig(await readJson(file), file).dynamicShift ? 'as FLUX.1-dev' : 'as FLUX.1-schnell'
    }),
  ]
  const files = [...new Set(presets.flatMap(({ loras }) => loras.map(({ file }) => file)))]
  const loras = await Promise.all(files.map((file) => checkLora(join(folder, file), transformer.weights)))
  const ready = new Set(files.filter((_, i) => loras[i]!.state === 'fits'))
  return {
    path: folder,
    // Without a scheduler FLUX.1-dev's schedule is used; without LoRA it is plain FLUX.
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

async function checkWeights(
  kind: ComponentKind,
  path: string,
): Promise<{ report: PartReport; weights?: WeightSet; isOther: boolean }> {
  let opened: Pick<Component<unknown>, 'weights' | 'report'> | undefined
  let isOther = false
  const report = await attempt(kind, path, async () => {
    try {
      opened = await checkComponent(kind, path)
    } catch (error) {
      isOther = userFaultOf(error)?.code === 'weights/layout-unknown'
      throw error
    }
    assertMatch(opened.report, path)
    const { matched, unexpected } = opened.report
    const extra = unexpected.length > 0 ? `, ${unexpected.length} more that are not used` : ''
    return `${matched.length} tensors${extra}`
  })
  return { report, weights: report.state === 'fits' ? opened?.weights : undefined, isOther }
}

/** Without a transformer to compare with, a LoRA can only be read. */
function checkLora(path: string, base: WeightSet | undefined): Promise<PartReport> {
  return attempt('LoRA', path, async () => {
    const lora = await openLora(path)
    if (base) assertLoraFits(matchLora(lora, base), path)
    const embeddings = Object.keys(lora.embeddings).length > 0 ? ", DreamO's embeddings" : ''
    return `${lora.modules.size} modules, ${lora.format} keys${embeddings}${base ? '' : ' (base not given, fit not checked)'}`
  })
}

async function attempt(part: string, path: string, open: (path: string) => Promise<string>): Promise<PartReport> {
  if (!(await exists(path))) return { part, path, state: 'absent', detail: 'not there' }
  try {
    return { part, path, state: 'fits', detail: await open(path) }
  } catch (error) {
    const fault = userFaultOf(error)
    if (!fault) throw error
    return { part, path, state: 'wrong', detail: `${fault.code}: ${fault.message}` }
  }
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )
