import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { modelFiles, openModel, withLoras } from '@dreamgraph/dreamo'
import { openRuntime } from '@dreamgraph/runtime'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { folderSource } from './folder-source.js'
import { type DataSample, readManifest } from './manifest.js'
import { rngOf } from './random.js'
import { type SampleEncoder, sampleEncoder } from './sample-encoder.js'
import { maskOfTokens, pickTokens } from './sample-tokens.js'
import { parseTrainConfig, type StageConfig } from './train-config.js'

const root = new URL('../../../test/', import.meta.url)
const path = (name: string) => fileURLToPath(new URL(name, root))
const runtime = await openRuntime({ device: 'cpu', threads: 1 })
const folder = await mkdtemp(join(tmpdir(), 'folder-source-'))
afterAll(async () => {
  await runtime.close()
  await rm(folder, { recursive: true })
})

let encoder: SampleEncoder
let samples: DataSample[]
const size = { height: 32, width: 48 }
const reference = { height: 32, width: 32 }

beforeAll(async () => {
  const files = await modelFiles(path('fixtures/golden/pipeline_tiny/weights'), {
    tokenizer: path('fixtures/golden/tokenizers/tokenizer'),
    tokenizer2: path('golden/tokenizer_2'),
  })
  const lora = { path: path('fixtures/golden/pipeline_tiny/weights/DreamO/dreamo.safetensors'), weight: 1 }
  const model = await withLoras(await openModel(files, runtime), [lora])
  // The stand-in tokenizer knows more words than the tiny model: they share its rows.
  const words = model.clip.config.vocabSize
  const tokenizer = {
    ...model.clip.tokenizer,
    encode: (prompt: string) => model.clip.tokenizer.encode(prompt).map((id) => id % words),
  }
  encoder = sampleEncoder({ ...model, clip: { ...model.clip, tokenizer } }, { textTokens: 16 })
  const flat = (name: string, background: string, width = 64, height = 48) =>
    sharp({ create: { width, height, channels: 3, background } })
      .png()
      .toFile(join(folder, name))
  await flat('beach.png', '#48c')
  await flat('dog.png', '#840', 20, 40)
  // The left half is covered.
  const half = sharp({ create: { width: 32, height: 48, channels: 3, background: '#fff' } }).png()
  await sharp({ create: { width: 64, height: 48, channels: 3, background: '#000' } })
    .composite([{ input: await half.toBuffer(), left: 0, top: 0 }])
    .png()
    .toFile(join(folder, 'left.png'))
  const dog = { image: 'dog.png', task: 'ip', mask: 'left.png' }
  const lines = [
    { target: 'beach.png', task: 'subject', caption: '[ref#1] sea', references: [dog] },
    {
      target: 'beach.png',
      task: 'pair',
      caption: '[ref#1] [ref#2] sea',
      references: [dog, { ...dog, mask: undefined }],
    },
    { target: 'beach.png', task: 'text', caption: 'sea' },
  ]
  await writeFile(join(folder, 'manifest.jsonl'), lines.map((line) => JSON.stringify(line)).join('\n'))
  samples = await readManifest(join(folder, 'manifest.jsonl'))
})

const stage = (change: Partial<StageConfig>): StageConfig => ({
  ...parseTrainConfig({ stages: [{ name: 'a', steps: 1, batch: 2, mixture: { subject: 1 } }] }).stages[0]!,
  captionDropRate: 0,
  plainCaptionRate: 0,
  ...change,
})
const source = (change: Partial<StageConfig> = {}) =>
  folderSource(samples, { stage: stage(change), encoder, image: size, reference })

describe('a folder of pictures', () => {
  it('has a bucket for each number of references that its tasks have, and gives what they ask for', async () => {
    const all = source({ mixture: { subject: 1, pair: 1, text: 1 } })
    expect(Object.keys(all.buckets)).toEqual(['1 references', '2 references', '0 references'])
    const { buckets, next } = source({ mixture: { subject: 1, pair: 0 } })
    expect(Object.keys(buckets)).toEqual(['1 references'])
    const batch = await next(1, rngOf(1n))
    expect(batch).toMatchObject({ bucket: '1 references', task: 'subject', placeholders: [[0], [0]] })
    expect([...batch.masks!.slice(0, 6)].map((value) => Math.round(value * 10) / 10)).toEqual([1, 0.5, 0, 1, 0.5, 0])
    expect(batch.latents.length).toBe(2 * 6 * 64)
    expect(batch.references.length).toBe(2 * 4 * 64)
    expect(await next(1, rngOf(1n))).toEqual(batch)
  })

  it('leaves out placeholders of plain captions and masks that are not all there', async () => {
    expect(await source({ plainCaptionRate: 1 }).next(1, rngOf(1n))).not.toHaveProperty('placeholders')
    expect(await source({ captionDropRate: 1 }).next(1, rngOf(1n))).not.toHaveProperty('placeholders')
    const pair = await source({ mixture: { pair: 1 } }).next(1, rngOf(1n))
    expect(pair).not.toHaveProperty('masks')
    expect(pair.placeholders).toHaveLength(2)
    const plain = await source({ mixture: { text: 1 } }).next(1, rngOf(1n))
    expect(plain).toMatchObject({ bucket: '0 references', references: new Float32Array(0) })
    expect(plain).not.toHaveProperty('placeholders')
  })

  it('drops tokens of references', async () => {
    const dropping = source({ referenceDropRate: 0.5 })
    expect(dropping.buckets['1 references']!.references[0]).toMatchObject({ keptTokens: 2 })
    const batch = await dropping.next(1, rngOf(1n))
    expect(batch.keptTokens![0]).toHaveLength(2)
    expect(batch.references.length).toBe(2 * 2 * 64)
  })

  it('refuses a mixture with a task that has no sample', () => {
    expect(() => source({ mixture: { style: 1 } })).toThrow(/expected a sample of task "style"/)
  })
})

it('tokens are picked without repeats, each as often', () => {
  const rng = rngOf(3n)
  const counts = [0, 0, 0, 0]
  for (let i = 0; i < 2000; i++) for (const token of pickTokens(reference, 2, rng)) counts[token]!++
  for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(100)
  expect(pickTokens(reference, 4, rng)).toEqual([0, 1, 2, 3])
})

it('a mask gives each token the share of its pixels', () => {
  const pixels = new Uint8Array(16 * 32).map((_, i) => (i % 32 < 24 ? 255 : 0))
  expect(maskOfTokens(pixels, { rows: 1, columns: 2 })).toEqual(Float32Array.of(1, 0.5))
})
