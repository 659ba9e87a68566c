import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTransformer } from './components.js'
import { type Lora, openEmbeddings, openLora } from './lora.js'
import { fuseInto, type LoraScaleOptions, loraScales, readFactors } from './lora-scale.js'
import { assertLoraFits, matchLora } from './match.js'
import { readTensor, toFloat32 } from './read.js'
import { openSafetensors } from './safetensors.js'
import { expectClose, goldenPath, goldenTensors } from './testing/golden.js'
import type { WeightSet, WeightView } from './view.js'
import { type TensorSource, writeSafetensors } from './write.js'

const weightsDir = goldenPath('lora/weights')
const cornerWeight = 0.7
let base: WeightSet
let dir = ''
beforeAll(async () => {
  base = (await openTransformer(goldenPath('flux_tiny/weights/transformer'))).weights
  dir = await mkdtemp(join(tmpdir(), 'weights-lora-'))
})
afterAll(() => rm(dir, { recursive: true, force: true }))

const dreamo = ['DreamO/dreamo', 1] as const
const distill = ['DreamO/dreamo_cfg_distill', 1] as const
const turbo = ['FLUX.1-Turbo-Alpha/diffusion_pytorch_model', 1] as const
const v11 = [
  ['DreamO/v1.1/dreamo_sft_lora', 1],
  ['DreamO/v1.1/dreamo_dpo_lora', 1.25],
] as const
const quality = [
  ['DreamO/dreamo_quality_lora_pos', 0.15],
  ['DreamO/dreamo_quality_lora_neg', -0.8],
] as const

/** Recorded results of the official loader: prefix of the tensors' names, files with weights, how mixed ranks count. */
const variants: [string, readonly (readonly [string, number])[], LoraScaleOptions?][] = [
  ['fused_v1/', [dreamo, distill, turbo, ...quality]],
  ['fused_v1_1/', [dreamo, distill, turbo, ...v11]],
  ['fused_alpha_all/', [['extra/alpha_all', cornerWeight]]],
  ['fused_alpha_partial/', [['extra/alpha_partial', cornerWeight]]],
  ['fused_kohya_alpha/', [['extra/kohya_alpha', cornerWeight]]],
  ['fused_mixed_rank/', [['extra/mixed_rank', cornerWeight]], { mixedRanks: 'first-rank' }],
]

test.each(variants)('official result %s', async (prefix, stack, options) => {
  const records = [...goldenTensors('lora').values()].filter(({ name }) => name.startsWith(prefix))
  expect(records.length).toBeGreaterThanOrEqual(3)
  const io = (await openSafetensors(goldenPath('lora/io.safetensors'))).tensors
  for (const record of records) {
    const name = record.name.slice(prefix.length)
    const weight = await toFloat32(base.get(name)!)
    for (const [file, strength] of stack) {
      const lora = await openLora(join(weightsDir, `${file}.safetensors`))
      const module = name.replace(/\.weight$/, '')
      const pair = lora.modules.get(module)
      if (pair) fuseInto(weight, await readFactors(pair, loraScales(lora.modules, strength, options).get(module)!))
    }
    expectClose(weight, await toFloat32(io.get(record.name)!), record)
  }
})

test.each([
  ['DreamO/dreamo', 'xlabs', 8 * 2 + 4 * 3],
  ['FLUX.1-Turbo-Alpha/diffusion_pytorch_model', 'diffusers', undefined],
  ['extra/kohya_alpha', 'kohya', undefined],
] as const)('%s is %s and fits its base whole', async (file, format, modules) => {
  const lora = await openLora(join(weightsDir, `${file}.safetensors`))
  expect(lora.format).toBe(format)
  expect(lora.unknown).toEqual([])
  if (modules) expect(lora.modules.size).toBe(modules)
  const report = matchLora(lora, base)
  assertLoraFits(report, lora.path)
  expect(report.matched).toHaveLength(lora.modules.size)
})

test('scales of every module are those of the official loader', async () => {
  const text = await readFile(goldenPath('lora/case.json'), 'utf8')
  const { params } = JSON.parse(text) as { params: { scaling_by_module: Record<string, Record<string, number>> } }
  // The official loader multiplies kohya's alphas into the weights and records scale 1: the fused result above covers it.
  delete params.scaling_by_module.kohya_alpha
  for (const [file, expected] of Object.entries(params.scaling_by_module)) {
    const lora = await openLora(join(weightsDir, `extra/${file}.safetensors`))
    const scales = loraScales(lora.modules, 1, { mixedRanks: 'first-rank' })
    for (const [module, scale] of Object.entries(expected))
      expect(scales.get(module), `${file} ${module}`).toBeCloseTo(scale, 8)
    expect([...scales.keys()].sort()).toEqual(Object.keys(expected).sort())
  }
  const mixed = await openLora(join(weightsDir, 'extra/mixed_rank.safetensors'))
  expect(new Set(loraScales(mixed.modules, 0.7).values())).toEqual(new Set([0.7]))
})

test('DreamO embeddings from the LoRA file and from a file of their own', async () => {
  const { embeddings } = await openLora(join(weightsDir, 'DreamO/dreamo.safetensors'))
  expect(embeddings.task?.shape).toEqual([2, 64])
  expect(embeddings.idx?.shape).toEqual([10, 64])
  expect(embeddings.t5?.shape).toEqual([13, 32])
  const own = await openEmbeddings(goldenPath('flux_tiny/weights/embedding.safetensors'))
  expect(Object.keys(own).sort()).toEqual(['idx', 'task'])
})

/** Rewrites a golden LoRA under other names and opens it again. */
async function rewritten(
  file: string,
  rename: (name: string) => string,
  extra: readonly TensorSource[] = [],
  metadata: Record<string, string> = {},
): Promise<Lora> {
  const { tensors } = await openSafetensors(join(weightsDir, file))
  const path = join(dir, 'rewritten.safetensors')
  const sources = [...tensors.values()].map((view) => ({
    ...view,
    name: rename(view.name),
    data: () => readTensor(view),
  }))
  await writeSafetensors(path, [...sources, ...extra], metadata)
  return openLora(path)
}

async function expectSame(got: Lora, want: Lora): Promise<void> {
  expect([...got.modules.keys()].sort()).toEqual([...want.modules.keys()].sort())
  for (const [module, pair] of want.modules)
    for (const half of ['down', 'up'] as const) {
      const view: WeightView = got.modules.get(module)![half]
      expect(view.shape).toEqual(pair[half].shape)
      expect(Buffer.compare(await readTensor(view), await readTensor(pair[half]))).toBe(0)
    }
}

const sft = 'DreamO/v1.1/dreamo_sft_lora.safetensors'
test.each<[string, string, (name: string) => string]>([
  ['peft', sft, (name) => name.replace('transformer.', 'base_model.model.')],
  ['peft', sft, (name) => name.replace('transformer.', 'base_model.model.').replace(/(lora_[AB])/, '$1.default')],
  ['diffusers', sft, (name) => name.replace('lora_A', 'lora.down').replace('lora_B', 'lora.up')],
  ['diffusers', sft, (name) => name.replace('transformer.', '')],
  [
    'kohya',
    sft,
    (name) => {
      const [module, half] = name.split(/\.(?=lora_)/) as [string, string]
      const flat = `lora_${module.replaceAll('.', '_')}`
      return `${flat}.${half.replace('lora_A', 'lora_down').replace('lora_B', 'lora_up')}`
    },
  ],
  [
    'comfy',
    'DreamO/dreamo_cfg_distill.safetensors',
    (name) =>
      `diffusion_model.${name
        .replace(/(double|single)_blocks_(\d+)\.processor/, '$1_blocks.$2')
        .replace('qkv_lora1.', 'img_attn.qkv.lora_')
        .replace('qkv_lora2.', 'txt_attn.qkv.lora_')
        .replace('proj_lora1.', 'img_attn.proj.lora_')
        .replace('proj_lora2.', 'txt_attn.proj.lora_')
        .replace('qkv_lora.', 'linear1.lora_')
        .replace('proj_lora.', 'linear2.lora_')}`,
  ],
  [
    'comfy',
    'DreamO/dreamo_cfg_distill.safetensors',
    (name) =>
      `diffusion_model.${name
        .replace(/(double|single)_blocks_(\d+)\.processor/, '$1_blocks.$2')
        .replace(/(qkv|proj)_lora([12])\./, (_, part, stream) => `${stream === '1' ? 'img' : 'txt'}_attn.${part}.lora_`)
        .replace('qkv_lora.', 'linear1_qkv.lora_')
        .replace('proj_lora.', 'linear2.lora_')
        .replace('lora_down', 'lora_A')
        .replace('lora_up', 'lora_B')}`,
  ],
  ['xlabs', 'DreamO/dreamo_cfg_distill.safetensors', (name) => name.replace('_blocks_', '_blocks.')],
])('reads %s names of %s as the same modules', async (format, file, rename) => {
  const lora = await rewritten(file, rename)
  expect(lora.format).toBe(format)
  await expectSame(lora, await openLora(join(weightsDir, file)))
})

test('fused linear1 with its MLP rows, and the swapped last modulation', async () => {
  const numbers = (count: number, from = 0) => Float32Array.from({ length: count }, (_, i) => from + i)
  const file = join(dir, 'fused.safetensors')
  const pair = (at: string, outSize: number): TensorSource[] => [
    { name: `${at}.lora_down.weight`, dtype: 'F32', shape: [1, 64], data: numbers(64) },
    { name: `${at}.lora_up.weight`, dtype: 'F32', shape: [outSize, 1], data: numbers(outSize) },
  ]
  const textEncoder = { name: 'lora_te1_text_model_x.alpha', dtype: 'F32', shape: [], data: numbers(1) } as const
  await writeSafetensors(file, [
    ...pair('lora_unet_single_blocks_1_linear1', 448),
    ...pair('lora_unet_final_layer_adaLN_modulation_1', 128),
    textEncoder,
  ])
  const { modules, unknown } = await openLora(file)
  const at = 'single_transformer_blocks.1'
  expect([...modules.keys()]).toEqual([
    'norm_out.linear',
    `${at}.attn.to_q`,
    `${at}.attn.to_k`,
    `${at}.attn.to_v`,
    `${at}.proj_mlp`,
  ])
  expect([...(await toFloat32(modules.get(`${at}.proj_mlp`)!.up))]).toEqual([...numbers(256, 192)])
  expect([...(await toFloat32(modules.get('norm_out.linear')!.up))]).toEqual([...numbers(64, 64), ...numbers(64)])
  expect(unknown).toEqual([textEncoder.name])
  const report = matchLora({ modules, unknown }, base)
  expect(report.textEncoderKeys).toEqual([textEncoder.name])
  assertLoraFits(report, file)
})

test('alpha from a configuration: beside the file, in its metadata, by pattern, rank-stabilized', async () => {
  const rename = (name: string) => name.replace('transformer.', 'base_model.model.')
  const scaleOf = (lora: Lora, module: string) => loraScales(lora.modules, 1).get(module)
  const metadata = { lora_adapter_metadata: JSON.stringify({ 'transformer.r': 4, 'transformer.lora_alpha': 8 }) }
  expect(scaleOf(await rewritten(sft, rename, [], metadata), 'single_transformer_blocks.0.proj_mlp')).toBe(2)
  const config = { r: 4, lora_alpha: 4, alpha_pattern: { proj_mlp: 16 }, use_rslora: true }
  await writeFile(join(dir, 'adapter_config.json'), JSON.stringify(config))
  const lora = await rewritten(sft, rename)
  expect(scaleOf(lora, 'single_transformer_blocks.0.proj_mlp')).toBe(8) // 16 / √4
  expect(scaleOf(lora, 'single_transformer_blocks.0.proj_out')).toBe(2)
  const unrelated = await rewritten(sft, (name) => name)
  expect(scaleOf(unrelated, 'single_transformer_blocks.0.proj_out')).toBe(1)
  for (const bad of ['{', '{"lora_alpha":"8"}', '{"alpha_pattern":{"x":null}}', '{"use_dora":true}']) {
    await writeFile(join(dir, 'adapter_config.json'), bad)
    await expect(rewritten(sft, rename)).rejects.toMatchObject({ code: 'weights/lora-invalid' })
  }
  await rm(join(dir, 'adapter_config.json'))
})

test('a configuration also sets the scale of PEFT files with names of the original code', async () => {
  const pair = (name: string, down: number[], up: number[]) => [
    small(`base_model.model.${name}.lora_A.weight`, down),
    small(`base_model.model.${name}.lora_B.weight`, up),
  ]
  const file = join(dir, 'adapter_model.safetensors')
  await writeSafetensors(file, pair('double_blocks.0.img_attn.proj', [2, 64], [64, 2]))
  const scaleOf = ({ modules }: Lora) => loraScales(modules, 1).get('transformer_blocks.0.attn.to_out.0')
  const alone = await openLora(file)
  expect([scaleOf(alone), alone.configFile]).toEqual([1, undefined])
  await writeFile(join(dir, 'adapter_config.json'), JSON.stringify({ r: 2, lora_alpha: 4 }))
  const configured = await openLora(file)
  expect([scaleOf(configured), configured.configFile]).toEqual([2, join(dir, 'adapter_config.json')])
  await rm(join(dir, 'adapter_config.json'))
})

test('names without prefix may end in those of the last layers', async () => {
  const file = join(dir, 'bare.safetensors')
  const names = ['transformer_blocks.0.attn.to_q', 'norm_out.linear', 'proj_out']
  const pairs = names.flatMap((name) => [
    small(`${name}.lora_A.weight`, [2, 64]),
    small(`${name}.lora_B.weight`, [64, 2]),
  ])
  await writeSafetensors(file, pairs)
  const { modules, unknown } = await openLora(file)
  expect([[...modules.keys()].sort(), unknown]).toEqual([[...names].sort(), []])
})

const small = (name: string, shape: readonly number[]): TensorSource => ({
  name,
  shape,
  dtype: 'F32',
  data: new Float32Array(shape.reduce((product, size) => product * size, 1)),
})
const q = 'transformer.transformer_blocks.0.attn.to_q'

test.each<[string, string, TensorSource[]]>([
  ['down without up', 'weights/lora-invalid', [small(`${q}.lora_A.weight`, [2, 64])]],
  ['alpha alone', 'weights/lora-invalid', [small(`${q}.alpha`, [])]],
  [
    'alpha that is a list',
    'weights/lora-invalid',
    [small(`${q}.lora_A.weight`, [2, 64]), small(`${q}.lora_B.weight`, [64, 2]), small(`${q}.alpha`, [2])],
  ],
  [
    'an empty pair',
    'weights/lora-invalid',
    [small(`${q}.lora_A.weight`, [0, 64]), small(`${q}.lora_B.weight`, [64, 0])],
  ],
  ['vectors', 'weights/lora-invalid', [small(`${q}.lora_A.weight`, [64]), small(`${q}.lora_B.weight`, [64])]],
  [
    'a convolution',
    'weights/lora-invalid',
    [small(`${q}.lora_A.weight`, [2, 7, 3, 3]), small(`${q}.lora_B.weight`, [7, 2, 1, 1])],
  ],
  [
    'qkv of the wrong height',
    'weights/lora-invalid',
    [
      small('double_blocks.0.processor.qkv_lora1.down.weight', [2, 64]),
      small('double_blocks.0.processor.qkv_lora1.up.weight', [100, 2]),
    ],
  ],
  [
    'two adapters in a file',
    'weights/lora-invalid',
    ['first', 'second'].flatMap((name) => [
      small(`${q}.lora_A.${name}.weight`, [2, 64]),
      small(`${q}.lora_B.${name}.weight`, [64, 2]),
    ]),
  ],
  [
    'an SDXL LoRA',
    'weights/lora-does-not-fit',
    [small('lora_unet_down_blocks_1_attentions_0_proj_in.lora_down.weight', [4, 4])],
  ],
  ['a base model', 'weights/lora-does-not-fit', [small('transformer_blocks.0.attn.to_q.weight', [4, 4])]],
])('refuses %s', async (_, code, tensors) => {
  const file = join(dir, 'bad.safetensors')
  await writeSafetensors(file, tensors)
  await expect(openLora(file)).rejects.toMatchObject({ code, userFault: true })
})

test.each<[string, RegExp, TensorSource[]]>([
  [
    'a module that the base lacks',
    /transformer_blocks\.9\.attn\.to_q/,
    [
      small('transformer.transformer_blocks.9.attn.to_q.lora_A.weight', [2, 64]),
      small('transformer.transformer_blocks.9.attn.to_q.lora_B.weight', [64, 2]),
    ],
  ],
  [
    'another hidden size',
    /\[3072,3072\] for \[64,64\]/,
    [small(`${q}.lora_A.weight`, [2, 3072]), small(`${q}.lora_B.weight`, [3072, 2])],
  ],
  [
    'halves of different rank',
    /\[3\] for \[2\]/,
    [small(`${q}.lora_A.weight`, [2, 64]), small(`${q}.lora_B.weight`, [64, 3])],
  ],
  [
    'keys of another method',
    /dora_scale/,
    [small(`${q}.lora_A.weight`, [2, 64]), small(`${q}.lora_B.weight`, [64, 2]), small(`${q}.dora_scale`, [64])],
  ],
])('does not fit: %s', async (_, message, tensors) => {
  const file = join(dir, 'unfit.safetensors')
  await writeSafetensors(file, tensors)
  const lora = await openLora(file)
  const judge = () => assertLoraFits(matchLora(lora, base), file)
  expect(judge).toThrowError(expect.objectContaining({ code: 'weights/lora-does-not-fit' }))
  expect(judge).toThrow(message)
})
