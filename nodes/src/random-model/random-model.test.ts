import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type ComponentKind,
  checkComponent,
  modelFiles,
  openClipTokenizer,
  openT5Tokenizer,
  preset,
  presetVersions,
} from '@dreamgraph/dreamo'
import { assertLoraFits, matchLora, openLora, toFloat32 } from '@dreamgraph/weights'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { writeRandomModel } from './random-model.js'

let scratch: string
let folder: string

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'random-model-'))
  folder = join(scratch, 'model')
  await writeRandomModel(folder, { seed: 1n })
})
afterAll(() => rm(scratch, { recursive: true }))

test.each<[ComponentKind, string]>([
  ['transformer', 'transformer'],
  ['vae', 'vae'],
  ['clip', 'text_encoder'],
  ['t5', 'text_encoder_2'],
])('%s has every weight it needs and no other', async (kind, name) => {
  const { report } = await checkComponent(kind, join(folder, name))
  expect(report.matched.length).toBeGreaterThan(0)
  expect(report).toMatchObject({ missing: [], unexpected: [] })
})

test('every LoRA of every preset fits the transformer', async () => {
  const { weights } = await checkComponent('transformer', join(folder, 'transformer'))
  for (const version of presetVersions) {
    for (const { file } of preset(version, { turbo: true }).loras) {
      const report = matchLora(await openLora(join(folder, file)), weights)
      expect(() => assertLoraFits(report, file)).not.toThrow()
      expect(report.matched.length).toBeGreaterThan(0)
    }
  }
})

test('any prompt can be tokenized', async () => {
  const { tokenizer, tokenizer2 } = await modelFiles(folder)
  const prompt = 'Zwölf Füchse [ref#1] — 雪 🦊'
  expect((await openClipTokenizer(tokenizer)).encode(prompt)).toHaveLength(77)
  const t5 = (await openT5Tokenizer(tokenizer2)).withPlaceholders()
  expect(t5.encode(prompt, 64)).toContain(t5.placeholderIds.get('[ref#1]'))
})

test('the same seed gives the same bytes, another seed others, all below 2 MB', async () => {
  const first = await digests(folder)
  await writeRandomModel(join(scratch, 'again'), { seed: 1n })
  expect(await digests(join(scratch, 'again'))).toEqual(first)
  await writeRandomModel(join(scratch, 'other'), { seed: 2n })
  const other = await digests(join(scratch, 'other'))
  for (const [name, digest] of Object.entries(first)) {
    if (name.endsWith('.safetensors')) expect([name, other[name]]).not.toEqual([name, digest])
  }
  const sizes = await Promise.all(Object.keys(first).map(async (name) => (await stat(join(folder, name))).size))
  expect(sizes.reduce((sum, sizeBytes) => sum + sizeBytes, 0)).toBeLessThan(2_000_000)
})

async function digests(root: string): Promise<Record<string, string>> {
  const files = (await readdir(root, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile())
  const pairs = files.map(async ({ parentPath, name }) => {
    const path = join(parentPath, name)
    return [
      path.slice(root.length + 1),
      createHash('sha256')
        .update(await readFile(path))
        .digest('hex'),
    ] as const
  })
  return Object.fromEntries(await Promise.all(pairs))
}

test('shared noise fills tensors of any size, and differs between them', async () => {
  const shared = join(scratch, 'shared')
  await writeRandomModel(shared, { seed: 1n, isNoiseShared: true })
  const { weights, report } = await checkComponent('transformer', join(shared, 'transformer'))
  expect(report).toMatchObject({ missing: [], unexpected: [] })
  const of = (stream: string) => toFloat32(weights.get(`transformer_blocks.0.attn.${stream}.weight`)!)
  const [q, k] = [await of('to_q'), await of('to_k')]
  expect(q).not.toEqual(k)
  const deviation = Math.sqrt(q.reduce((sum, x) => sum + x * x, 0) / q.length)
  expect(deviation).toBeCloseTo(1 / Math.sqrt(64), 2)
})
