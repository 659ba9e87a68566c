import { copyFile, mkdir, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Latent, RgbImage } from '@dreamgraph/dreamo'
import type { JsonValue } from '@dreamgraph/graph'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { checkModel } from '../model-check.js'
import { writeRandomModel } from '../random-model/random-model.js'
import { flow } from '../testing/flow.js'
import { writeGgufTwins } from '../testing/gguf.js'
import { type OriginalFiles, originalConfigs, writeOriginalFiles, writeTransformer } from '../testing/original-files.js'
import { type Studio, studio } from '../testing/studio.js'
import type { BenchRunResult, Workbench } from '../workbench.js'

let place: Studio
let bench: Workbench
let whole: string
let files: OriginalFiles

beforeAll(async () => {
  place = await studio()
  bench = await place.open({ cache: 'memory' })
  whole = join(place.folder, 'whole')
  await writeRandomModel(whole, { seed: 3n, configs: originalConfigs, dtype: 'F32' })
  files = await writeOriginalFiles(whole, join(place.folder, 'originals'))
})
afterAll(() => place.remove())

test('the original single files paint the very picture of the diffusers folder', async () => {
  const fromFolder = await paint({ folder: whole })
  const fromFiles = await paint({ ...files, ...tokenizers() })
  expect(imageOf(fromFiles)).toEqual(imageOf(fromFolder))
  expect(new Set(imageOf(fromFiles).data).size).toBeGreaterThan(20)
  const checkpoints = fromFiles.models.filter(({ role }) => role in files).map(({ file }) => file)
  expect(new Set(checkpoints)).toEqual(new Set(Object.values(files).map((path) => basename(path))))
})

// Against float32: relative error of the latents after three steps, and the furthest pixel in levels of 255.
// Measured: BF16 0.0028 and 1, F16 0.0004 and 1, E4M3 0.039 and 8, E5M2 0.087 and 26.
test.each([
  { dtype: 'BF16', latents: 0.01, levels: 3 },
  { dtype: 'F16', latents: 0.002, levels: 2 },
  { dtype: 'F8_E4M3', latents: 0.08, levels: 20 },
  { dtype: 'F8_E5M2', latents: 0.18, levels: 60 },
] as const)('a transformer in $dtype stays near float32', async ({ dtype, latents, levels }) => {
  const exact = await paint({ ...files, ...tokenizers() })
  const transformer = join(place.folder, `flux1-dev-${dtype}.safetensors`)
  await writeTransformer(join(whole, 'transformer'), transformer, dtype)
  const rounded = await paint({ ...files, ...tokenizers(), transformer })
  const error = relativeError(latentOf(rounded).data, latentOf(exact).data)
  const furthest = Math.max(...imageOf(rounded).data.map((level, i) => Math.abs(level - imageOf(exact).data[i]!)))
  expect(error).toBeGreaterThan(0)
  expect(error).toBeLessThan(latents)
  expect(furthest).toBeLessThanOrEqual(levels)
})

// Kernels take activations in 8 bits; the weights are the same numbers. Measured: 0.006 and 0.006.
test.each(['Q8_0', 'Q4_0'] as const)('a transformer in GGUF of %s paints what its numbers paint', async (kind) => {
  const twin = join(place.folder, `${kind}-twin.safetensors`)
  const gguf = join(place.folder, `flux1-dev-${kind}.gguf`)
  await writeGgufTwins(files.transformer, kind, { gguf, twin })
  const exact = await paint({ ...files, ...tokenizers(), transformer: twin })
  const small = await paint({ ...files, ...tokenizers(), transformer: gguf })
  const error = relativeError(latentOf(small).data, latentOf(exact).data)
  expect(error).toBeGreaterThan(0)
  expect(error).toBeLessThan(0.03)
  expect(small.models.map(({ file }) => file)).toContain(basename(gguf))
  const report = await checkModel(gguf)
  expect(report).toMatchObject({ ok: true, parts: [{ part: 'transformer', detail: expect.stringContaining(kind) }] })
})

test.each(['int8', 'int8-block', 'int4-block'] as const)(
  'quantize: %s is part of the model, and near it',
  async (quantize) => {
    const exact = await paint({ ...files, ...tokenizers() })
    const small = await paint({ ...files, ...tokenizers(), quantize })
    const error = relativeError(latentOf(small).data, latentOf(exact).data)
    expect(error).toBeGreaterThan(0)
    expect(error).toBeLessThan(quantize === 'int4-block' ? 0.2 : 0.02)
  },
)

test('parts that are not given come from the folder', async () => {
  const { transformer } = files
  expect(imageOf(await paint({ folder: whole, transformer }))).toEqual(imageOf(await paint({ folder: whole })))
})

test('a file whose heads are not 128 wide needs a config.json: beside it, under the name of a component folder', async () => {
  const small = join(place.folder, 'model')
  const transformer = join(place.folder, 'small.safetensors')
  await writeTransformer(join(small, 'transformer'), transformer, 'BF16')
  await expect(paint({ folder: small, transformer })).rejects.toMatchObject({
    code: 'run/node-failed',
    node: 'model',
    cause: { code: 'dreamo/config-missing', message: expect.stringMatching(/small\.safetensors.*config\.json.*16/) },
  })
  const component = join(place.folder, 'small-component')
  await mkdir(component)
  await copyFile(transformer, join(component, 'diffusion_pytorch_model.safetensors'))
  await copyFile(join(small, 'transformer/config.json'), join(component, 'config.json'))
  const expected = imageOf(await paint({ folder: small }))
  expect(imageOf(await paint({ folder: small, transformer: component }))).toEqual(expected)
})

test('a config beside a file counts as part of the model', async () => {
  const component = join(place.folder, 'edited-component')
  await mkdir(component)
  const transformer = join(component, 'diffusion_pytorch_model.safetensors')
  await writeTransformer(join(place.folder, 'model/transformer'), transformer, 'BF16')
  const opened = async (axes: readonly number[]): Promise<JsonValue> => {
    const config = { ...smallTransformer, axes_dims_rope: axes }
    await writeFile(join(component, 'config.json'), JSON.stringify(config))
    const params = { folder: join(place.folder, 'model'), transformer }
    const result = await bench.run(flow({ nodes: { model: ['model/load-files', params] } }))
    return (result.value('model', 'model') as { digest: string }).digest
  }
  const first = await opened([4, 6, 6])
  expect(await opened([8, 4, 4])).not.toBe(first)
  expect(await opened([4, 6, 6])).toBe(first)
})

test('what is missing is named all at once', async () => {
  await expect(paint({ transformer: files.transformer, vae: join(place.folder, 'nowhere') })).rejects.toMatchObject({
    cause: {
      code: 'dreamo/files-missing',
      message: expect.stringMatching(/nowhere.*textEncoder.*textEncoder2.*tokenizer.*tokenizer2/),
    },
  })
})

const smallTransformer = {
  attention_head_dim: 16,
  guidance_embeds: true,
  in_channels: 64,
  joint_attention_dim: 48,
  num_attention_heads: 4,
  num_layers: 2,
  num_single_layers: 3,
  pooled_projection_dim: 32,
}

const tokenizers = (): Record<string, string> => ({
  tokenizer: join(whole, 'tokenizer'),
  tokenizer2: join(whole, 'tokenizer_2'),
})

/** A picture of 32×32 in three steps with one reference, from a model of these files and DreamO's LoRAs beside `whole`. */
function paint(params: Record<string, string>): Promise<BenchRunResult> {
  const isSmall = params.folder === join(place.folder, 'model')
  const document = flow({
    nodes: {
      model: ['model/load-files', params],
      preset: ['model/preset', { folder: isSmall ? params.folder! : whole }],
      text: ['dreamo/encode-text', { text: 'a cat [ref#1]', maxTokens: 8 }],
      picture: ['image/load', { file: 'b.png' }],
      reference: ['dreamo/encode-reference', { resolution: 32 }],
      pack: ['dreamo/pack-conditions'],
      noise: ['latent/noise', { width: 32, height: 32 }],
      sample: ['dreamo/sample', { steps: 3 }],
      decode: ['vae/decode'],
    },
    links: [
      'model.model > preset.model',
      'preset.model > text.model',
      'preset.model > reference.model',
      'picture.image > reference.image',
      'text.text > pack.text',
      'reference.reference > pack.references',
      'preset.model > sample.model',
      'pack.conditions > sample.conditions',
      'noise.latent > sample.noise',
      'preset.model > decode.model',
      'sample.latent > decode.latent',
    ],
  })
  return bench.run(document, { targets: ['sample', 'decode'] })
}

const imageOf = (result: BenchRunResult): RgbImage => result.value('decode', 'image') as RgbImage
const latentOf = (result: BenchRunResult): Latent => result.value('sample', 'latent') as Latent

function relativeError(values: Float32Array, exact: Float32Array): number {
  const norm = (at: (i: number) => number): number => Math.sqrt(exact.reduce((sum, _, i) => sum + at(i) ** 2, 0))
  return norm((i) => values[i]! - exact[i]!) / norm((i) => exact[i]!)
}
