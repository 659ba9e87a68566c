import { cp, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { RgbImage } from '@dreamgraph/dreamo'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { LoadedModel } from '../model-shelf.js'
import { flow } from '../testing/flow.js'
import { type Studio, studio, twoSubjects } from '../testing/studio.js'
import type { Workbench } from '../workbench.js'

let place: Studio
let bench: Workbench

beforeAll(async () => {
  place = await studio()
  bench = await place.open({ cache: 'memory' })
})
afterAll(() => place.remove())

const always = ['dreamo.safetensors ×1', 'dreamo_cfg_distill.safetensors ×1']
const turboLora = 'diffusion_pytorch_model.safetensors ×1'
const quality = ['dreamo_quality_lora_pos.safetensors ×0.15', 'dreamo_quality_lora_neg.safetensors ×-0.8']
const tuned = ['dreamo_sft_lora.safetensors ×1', 'dreamo_dpo_lora.safetensors ×1.25']

test.each([
  { version: 'v1', turbo: true, steps: 12, guidance: 3.5, loras: [...always, turboLora, ...quality] },
  { version: 'v1', turbo: false, steps: 25, guidance: 3.5, loras: [...always, ...quality] },
  { version: 'v1.1', turbo: true, steps: 12, guidance: 4.5, loras: [...always, turboLora, ...tuned] },
  { version: 'v1.1', turbo: false, steps: 25, guidance: 4.5, loras: [...always, ...tuned] },
])('$version, turbo $turbo', async ({ version, turbo, steps, guidance, loras }) => {
  const result = await bench.run(presetOf({ version, turbo }), { targets: ['preset'] })
  const { model } = result.value('preset', 'model') as LoadedModel
  expect(model.loras.map(({ path, weight }) => `${path.split('/').at(-1)} ×${weight}`)).toEqual(loras)
  expect(model.embeddings).toBeDefined()
  const names = ['steps', 'guidance', 'firstStepGuidance', 'trueCfg', 'resolution', 'textTokens']
  const settings = names.map((name) => result.value('preset', name))
  expect(settings).toEqual([steps, guidance, guidance, 1, 512, 512])
})

test('mini, which nothing was distilled into, asks for true guidance', async () => {
  const result = await bench.run(presetOf({ version: 'mini' }), { targets: ['preset'] })
  const names = ['steps', 'guidance', 'trueCfg', 'resolution', 'textTokens']
  expect(names.map((name) => result.value('preset', name))).toEqual([12, 1, 3, 64, 56])
})

test('files are found in the folder given, in the model folder, and beside it', async () => {
  const beside = join(place.folder, 'beside')
  await cp(join(place.folder, 'model'), join(beside, 'FLUX.1-dev'), { recursive: true })
  for (const name of ['DreamO', 'FLUX.1-Turbo-Alpha']) {
    await rename(join(beside, 'FLUX.1-dev', name), join(beside, name))
  }
  const inside = await digestOf(presetOf({}))
  expect(await digestOf(presetOf({}, 'beside/FLUX.1-dev'))).toBe(inside)
  const elsewhere = join(place.folder, 'elsewhere')
  await mkdir(elsewhere)
  await rename(join(beside, 'DreamO'), join(elsewhere, 'DreamO'))
  expect(await digestOf(presetOf({ folder: 'elsewhere' }, 'beside/FLUX.1-dev'))).toBe(inside)
})

test('every missing file is named, and every place it was looked for in', async () => {
  const bare = join(place.folder, 'bare', 'FLUX.1-dev')
  await cp(join(place.folder, 'model'), bare, { recursive: true })
  await rm(join(bare, 'FLUX.1-Turbo-Alpha'), { recursive: true })
  await rm(join(bare, 'DreamO/v1.1/dreamo_dpo_lora.safetensors'))
  const error = await failure(presetOf({ folder: 'model/vae' }, 'bare/FLUX.1-dev'))
  expect(error.code).toBe('nodes/preset-files-missing')
  const named = ['FLUX.1-Turbo-Alpha/diffusion_pytorch_model.safetensors', 'DreamO/v1.1/dreamo_dpo_lora.safetensors']
  const places = [join(place.folder, 'model/vae'), bare, join(place.folder, 'bare')]
  for (const part of [...named, ...places]) expect(error.message).toContain(part)
  expect(error.message).not.toContain('dreamo_sft_lora')
})

test('a model of single files has no folder to look in, and the error says what to give', async () => {
  const folder = join(place.folder, 'model')
  const names = ['transformer', 'vae', 'text_encoder', 'text_encoder_2', 'tokenizer', 'tokenizer_2']
  expect(await readdir(folder)).toEqual(expect.arrayContaining(names))
  const [transformer, vae, textEncoder, textEncoder2, tokenizer, tokenizer2] = names.map((name) => join(folder, name))
  const parts = { transformer, vae, textEncoder, textEncoder2, tokenizer, tokenizer2 } as Record<string, string>
  const document = (params: Record<string, string>) =>
    flow({
      nodes: { model: ['model/load-files', parts], preset: ['model/preset', params] },
      links: ['model.model > preset.model'],
    })
  expect(await failure(document({}))).toMatchObject({
    code: 'nodes/preset-files-missing',
    message: expect.stringMatching(/the param Folder/),
  })
  expect((await bench.run(document({ folder: 'model' }))).nodes.get('preset')!.status).toBe('ran')
})

test('fused LoRA paints the picture of branches, to within a level', async () => {
  const paint = async (lora: string): Promise<RgbImage> => {
    const result = await bench.run(twoSubjects({ preset: { lora } }), { targets: ['decode'] })
    return result.value('decode', 'image') as RgbImage
  }
  const [branches, fused] = [await paint('branches'), await paint('fused')]
  const furthest = Math.max(...branches.data.map((level, i) => Math.abs(level - fused.data[i]!)))
  expect(furthest).toBeLessThanOrEqual(1)
  expect(await digestOf(presetOf({ lora: 'fused' }))).not.toBe(await digestOf(presetOf({ lora: 'branches' })))
})

test('the order of LoRAs is part of a model: sums of floats depend on it', async () => {
  const stacked = (...files: [string, string]) =>
    flow({
      nodes: {
        model: ['model/load', { model: 'model' }],
        first: ['model/lora', { file: `model/DreamO/${files[0]}`, weight: 0.5 }],
        preset: ['model/lora', { file: `model/DreamO/${files[1]}`, weight: 0.5 }],
      },
      links: ['model.model > first.model', 'first.model > preset.model'],
    })
  const [a, b] = ['dreamo.safetensors', 'dreamo_cfg_distill.safetensors'] as const
  expect(await digestOf(stacked(a, b))).toBe(await digestOf(stacked(a, b)))
  expect(await digestOf(stacked(a, b))).not.toBe(await digestOf(stacked(b, a)))
})

test('the configuration beside a LoRA file, which sets its scale, is part of the model', async () => {
  await cp(
    join(place.folder, 'model/DreamO/dreamo_cfg_distill.safetensors'),
    join(place.folder, 'adapter_model.safetensors'),
  )
  const document = flow({
    nodes: {
      model: ['model/load', { model: 'model' }],
      preset: ['model/lora', { file: 'adapter_model.safetensors' }],
    },
    links: ['model.model > preset.model'],
  })
  const config = (alpha: number) =>
    writeFile(join(place.folder, 'adapter_config.json'), JSON.stringify({ r: 2, lora_alpha: alpha }))
  const alone = await digestOf(document)
  await config(4)
  const doubled = await digestOf(document)
  await config(8)
  expect(new Set([alone, doubled, await digestOf(document)]).size).toBe(3)
  await rm(join(place.folder, 'adapter_config.json'))
  expect(await digestOf(document)).toBe(alone)
})

test('a LoRA file that is not there, or not for this model, is an error that names it', async () => {
  const added = (file: string) =>
    flow({
      nodes: { model: ['model/load', { model: 'model' }], lora: ['model/lora', { file }] },
      links: ['model.model > lora.model'],
    })
  expect(await failure(added('nowhere.safetensors'))).toMatchObject({
    code: expect.stringMatching(/^(weights|store|nodes)\//),
    message: expect.stringContaining('nowhere.safetensors'),
  })
  expect(await failure(added('model/vae/diffusion_pytorch_model.safetensors'))).toMatchObject({
    code: 'weights/lora-does-not-fit',
  })
})

/** Loads a model folder, relative to the studio's, and applies a preset. */
const presetOf = (params: Readonly<Record<string, string | boolean>>, model = 'model') =>
  flow({
    nodes: { model: ['model/load', { model }], preset: ['model/preset', params] },
    links: ['model.model > preset.model'],
  })

const digestOf = async (document: ReturnType<typeof flow>): Promise<string> =>
  ((await bench.run(document, { targets: ['preset'] })).value('preset', 'model') as LoadedModel).digest

/** What the node that failed threw. */
const failure = (document: ReturnType<typeof flow>): Promise<{ code: string; message: string }> =>
  bench.run(document).then(
    () => Promise.reject(new Error('expected a failure')),
    ({ cause }) => cause,
  )

test('auto is fused in a small model', async () => {
  const digests = await Promise.all(['auto', 'fused', 'branches'].map((lora) => digestOf(presetOf({ lora }))))
  expect(digests[0]).toBe(digests[1])
  expect(digests[0]).not.toBe(digests[2])
})

test('a LoRA on top keeps how those below are put on', async () => {
  const file = 'model/DreamO/dreamo_cfg_distill.safetensors'
  const stacked = (lora: string) =>
    flow({
      nodes: {
        model: ['model/load', { model: 'model' }],
        preset: ['model/preset', { lora }],
        top: ['model/lora', { file, weight: 0.5 }],
      },
      links: ['model.model > preset.model', 'preset.model > top.model'],
    })
  for (const lora of ['branches', 'fused']) {
    const result = await bench.run(stacked(lora), { targets: ['top'] })
    expect((result.value('top', 'model') as { model: { loraMode: string } }).model.loraMode).toBe(lora)
  }
})
