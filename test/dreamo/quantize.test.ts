// Quantized models from real files: near the original, the same with LoRA fused or beside, kept on disk, mended when torn.
import { mkdtemp, readdir, readFile, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type DenoiseRequest,
  denoise,
  type EncodedText,
  encodeText,
  gaussianNoise,
  type Model,
  openModel,
  type Quantization,
  quantizeSchemes,
  runningWeights,
  withLoras,
} from '@dreamgraph/dreamo'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openSmallModel, referenceIn, type SmallModel } from './small-model.js'

let small: SmallModel
let home = ''
let text: EncodedText
beforeAll(async () => {
  small = await openSmallModel()
  home = await mkdtemp(join(tmpdir(), 'dreamgraph-quantize-'))
  text = await encodeText(small.dreamo, 'a cat [ref#1]', { maxTokens: 8 })
})
afterAll(async () => {
  await small.close()
  await rm(home, { recursive: true, force: true })
})

const open = async (quantization: Quantization, loraMode: Model['loraMode'] = 'branches'): Promise<Model> => {
  const base = await openModel(small.base.files, small.runtime, { home, ...quantization })
  return withLoras({ ...base, loraMode }, [{ path: join(small.folder, 'DreamO/dreamo.safetensors'), weight: 1 }])
}

const grid = { rows: 4, columns: 4 }

async function paint(model: Model, request: Partial<DenoiseRequest> = {}): Promise<Float32Array> {
  const noise = gaussianNoise(16 * model.transformer.config.inChannels, { seed: 2n, stream: 'latent', index: 0 })
  const references = [await referenceIn(small.dreamo, 1)]
  return denoise(model, { noise, grid, text, references, steps: 2, guidance: 3.5, ...request })
}

const relative = (got: Float32Array, want: Float32Array): number => {
  const norm = (x: Float32Array): number => Math.sqrt(x.reduce((sum, value) => sum + value * value, 0))
  return norm(got.map((value, i) => value - want[i]!)) / norm(want)
}

// Measured: 0.0004, 0.003, 0.003 and 0.04.
const bounds = { fp16: 0.005, int8: 0.02, 'int8-block': 0.02, 'int4-block': 0.15 }

test.each(quantizeSchemes)('%s paints nearly the same, with LoRA beside and fused', async (scheme) => {
  const exact = await paint(small.dreamo)
  for (const loraMode of ['branches', 'fused'] as const) {
    const error = relative(await paint(await open({ scheme }, loraMode)), exact)
    expect(error).toBeGreaterThan(0)
    expect(error).toBeLessThan(bounds[scheme])
  }
})

test.each(quantizeSchemes)('%s paints the same while somebody looks where references respond', async (scheme) => {
  const model = await open({ scheme })
  const maps: unknown[] = []
  const onStep: DenoiseRequest['onStep'] = ({ responses }) => responses && maps.push(responses)
  expect(await paint(model, { wantsResponses: () => true, onStep })).toEqual(await paint(model))
  expect(maps).toHaveLength(2)
})

test('weights are quantized once; a file that was touched is used, one that was changed or cut is made again', async () => {
  const folder = join(home, 'quantized')
  await rm(folder, { recursive: true, force: true })
  const before = await paint(await open({ scheme: 'int8' }))
  const [file] = (await readdir(folder)).filter((name) => name.endsWith('.safetensors'))
  const path = join(folder, file!)
  const whole = await readFile(path)
  const written = (await stat(path)).ino

  expect(await paint(await open({ scheme: 'int8' }))).toEqual(before)
  await utimes(path, new Date(), new Date())
  expect(await paint(await open({ scheme: 'int8' }))).toEqual(before)
  expect((await stat(path)).ino).toBe(written)

  const damages = [
    async () => truncate(path, whole.byteLength - 7),
    async () => writeFile(path, 'nothing of the kind'),
    async () => {
      const changed = Buffer.from(whole)
      changed[changed.byteLength - 1] ^= 1
      await writeFile(path, changed)
    },
    async () => rm(path),
    async () => writeFile(path.replace('.safetensors', '.json'), '{'),
  ]
  for (const damage of damages) {
    await damage()
    expect(await paint(await open({ scheme: 'int8' }))).toEqual(before)
    expect((await readFile(path)).equals(whole)).toBe(true)
  }
})

test('other LoRA weights and other schemes have files of their own; LoRA beside changes none', async () => {
  const folder = join(home, 'quantized')
  const files = async (): Promise<number> => (await readdir(folder)).filter((name) => name.endsWith('.json')).length
  await rm(folder, { recursive: true, force: true })
  const path = join(small.folder, 'DreamO/dreamo.safetensors')
  const base = await openModel(small.base.files, small.runtime, { home, scheme: 'int8' })
  const counts: number[] = []
  for (const [loraMode, weight] of [
    ['branches', 1],
    ['branches', 0.5],
    ['fused', 1],
    ['fused', 0.5],
  ] as const) {
    await runningWeights(await withLoras({ ...base, loraMode }, [{ path, weight }]))
    counts.push(await files())
  }
  await runningWeights({ ...base, quantization: { home, scheme: 'int4-block' } })
  expect([...counts, await files()]).toEqual([1, 1, 2, 3, 4])
})

test('a cancel ends the quantizing, and the next call begins anew', async () => {
  await rm(join(home, 'quantized'), { recursive: true, force: true })
  const model = await open({ scheme: 'int8-block' })
  const cancel = new AbortController()
  const onProgress = (done: number): void => {
    if (done === 2) cancel.abort()
  }
  await expect(runningWeights(model, { signal: cancel.signal, onProgress })).rejects.toThrow(/abort/i)
  expect(await readdir(join(home, 'quantized'))).toEqual([])
  expect((await runningWeights(model)).placement).toBe('laid-out')
})
