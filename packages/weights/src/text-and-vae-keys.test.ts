import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openClip, openT5, openVae } from './components.js'
import { assertMatch, matchWeights } from './match.js'
import { readTensor } from './read.js'
import { writeHollow } from './testing/files.js'
import { goldenPath } from './testing/golden.js'
import { clipShapes, type NamedShape, parameterCount, t5Shapes, vaeShapes } from './testing/shapes.js'
import { writeSafetensors } from './write.js'

let dir = ''
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'weights-keys-'))
})
afterAll(() => rm(dir, { recursive: true, force: true }))

const prefixed = (prefix: string, shapes: readonly NamedShape[]) =>
  shapes.map(({ name, shape }) => ({ name: prefix + name, shape }))

test.each(['', 'vae.', 'first_stage_model.'])('ae.safetensors at full size, prefix %j', async (prefix) => {
  const file = join(dir, 'ae.safetensors')
  await writeHollow(file, prefixed(prefix, vaeShapes('ldm')), 'F32')
  const opened = await openVae(file)
  expect(opened).toMatchObject({ layout: 'ldm', prefix })
  const report = matchWeights(vaeShapes('diffusers'), opened.weights)
  assertMatch(report, file, { unexpected: 'refuse' })
  expect(report.matched).toHaveLength(244)
  expect(parameterCount(opened.weights.values())).toBe(83_819_683)
})

test('a small LDM autoencoder gives the same bytes as its diffusers folder', async () => {
  const official = (await openVae(goldenPath('vae_tiny/weights/vae'))).weights
  const widths = [8, 16, 16, 16]
  const file = join(dir, 'small.safetensors')
  const names = vaeShapes('diffusers', widths).map(({ name }) => name)
  expect([...names].sort()).toEqual([...official.keys()].sort())
  await writeSafetensors(
    file,
    vaeShapes('ldm', widths).map(({ name, shape }, i) => {
      const view = official.get(names[i]!)!
      return { name, shape, dtype: 'F32', data: () => readTensor(view) }
    }),
  )
  const { weights } = await openVae(file)
  for (const [name, view] of official) {
    expect(weights.get(name)).toMatchObject({ name, shape: view.shape })
    expect(Buffer.compare(await readTensor(weights.get(name)!), await readTensor(view)), name).toBe(0)
  }
})

test('attention under its names in early diffusers', async () => {
  const file = join(dir, 'old.safetensors')
  const old = vaeShapes('diffusers').map(({ name, shape }) => ({
    name: name
      .replace('.to_q.', '.query.')
      .replace('.to_k.', '.key.')
      .replace('.to_v.', '.value.')
      .replace('.to_out.0.', '.proj_attn.'),
    shape,
  }))
  await writeHollow(file, old, 'F32')
  const { weights, layout } = await openVae(file)
  expect(layout).toBe('diffusers')
  assertMatch(matchWeights(vaeShapes('diffusers'), weights), file, { unexpected: 'refuse' })
})

test.each<[string, (name: string) => string]>([
  ['as in the folder', (name) => name],
  ['without text_model.', (name) => name.replace('text_model.', '')],
  ['in an all-in-one file', (name) => `text_encoders.clip_l.transformer.${name}`],
])('CLIP at full size %s', async (_, rename) => {
  const file = join(dir, 'clip_l.safetensors')
  const extras = ['text_model.embeddings.position_ids', 'logit_scale', 'text_projection.weight']
  const shapes = [...clipShapes(), ...extras.map((name) => ({ name, shape: [1] }))]
  await writeHollow(
    file,
    shapes.map(({ name, shape }) => ({ name: rename(name), shape })),
    'F16',
  )
  const { weights, ignored } = await openClip(file)
  assertMatch(matchWeights(clipShapes(), weights), file, { unexpected: 'refuse' })
  expect(weights.size).toBe(196)
  expect(parameterCount(weights.values())).toBe(123_060_480)
  expect(ignored).toHaveLength(3)
})

test.each<[string, (name: string) => string[]]>([
  ['as in the folder', (name) => [name]],
  [
    'with the embedding under both names',
    (name) => (name === 'shared.weight' ? [name, 'encoder.embed_tokens.weight'] : [name]),
  ],
  ['with the embedding under its other name', (name) => [name.replace('shared.weight', 'encoder.embed_tokens.weight')]],
  ['in an all-in-one file', (name) => [`text_encoders.t5xxl.transformer.${name}`]],
])('T5 at full size %s', async (_, names) => {
  const file = join(dir, 't5xxl.safetensors')
  const shapes = t5Shapes().flatMap(({ name, shape }) => names(name).map((key) => ({ name: key, shape })))
  await writeHollow(file, shapes, 'F8_E4M3')
  const { weights } = await openT5(file)
  assertMatch(matchWeights(t5Shapes(), weights), file, { unexpected: 'refuse' })
  expect(weights.size).toBe(219)
  expect(parameterCount(weights.values())).toBe(4_762_310_656)
})
