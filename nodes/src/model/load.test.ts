import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { LoadedModel } from '../model-shelf.js'
import { writeRandomModel } from '../random-model/random-model.js'
import { flow } from '../testing/flow.js'
import { type Studio, studio } from '../testing/studio.js'
import type { Workbench } from '../workbench.js'

let place: Studio
let bench: Workbench

beforeAll(async () => {
  place = await studio()
  bench = await place.open({ cache: 'memory' })
})
afterAll(() => place.remove())

const load = async (model: string, options: Parameters<Workbench['run']>[1] = {}): Promise<LoadedModel> =>
  (await bench.run(flow({ nodes: { model: ['model/load', { model }] } }), options)).value(
    'model',
    'model',
  ) as LoadedModel

test('by folder, by path and by name it is the same model', async () => {
  const folder = join(place.folder, 'model')
  const byFolder = await load('model')
  await bench.models.add('tiny', { folder })
  const others = [await load(folder), await load('tiny')]
  for (const { digest, lock } of others) {
    expect(digest).toBe(byFolder.digest)
    expect(lock).toEqual(byFolder.lock)
  }
})

test('a registered name comes before a folder of that name; its parts before those of its folder', async () => {
  const other = join(place.folder, 'other')
  await writeRandomModel(other, { seed: 9n })
  await bench.models.add('model', { folder: other })
  const registered = await load('model')
  expect(registered.digest).toBe((await load('other')).digest)
  await bench.models.add('mixed', { folder: other, vae: join(place.folder, 'model/vae') })
  const mixed = await load('mixed')
  expect(mixed.model.files).toMatchObject({
    vae: join(place.folder, 'model/vae'),
    transformer: join(other, 'transformer'),
  })
  expect(mixed.digest).not.toBe(registered.digest)
  expect(mixed.folder).toBe(other)
  await bench.models.remove('model')
})

test('a model stays open while its files are as they were, and so does a LoRA stack on it', async () => {
  const document = flow({
    nodes: { model: ['model/load', { model: 'model' }], preset: ['model/preset', {}] },
    links: ['model.model > preset.model'],
  })
  const open = async (): Promise<LoadedModel[]> => {
    const result = await bench.run(document, { targets: ['model', 'preset'] })
    return ['model', 'preset'].map((id) => result.value(id, 'model') as LoadedModel)
  }
  const [first, again] = [await open(), await open()]
  for (const [i, { model }] of first.entries()) expect(again[i]!.model).toBe(model)
  await writeFile(join(place.folder, 'model/scheduler/note.txt'), 'a file that was not there')
  const later = await open()
  for (const [i, { digest }] of first.entries()) expect(later[i]!.digest).not.toBe(digest)
})

test('what is neither is an error that lists the names there are', async () => {
  await bench.models.add('known', { folder: join(place.folder, 'model') })
  await expect(load('unknown')).rejects.toMatchObject({
    cause: { code: 'nodes/model-missing', message: expect.stringMatching(/known.*got "unknown"/) },
  })
})

test('a single file is an error that points to Load model from files', async () => {
  await writeFile(join(place.folder, 'flux1-dev.safetensors'), '')
  await expect(load('flux1-dev.safetensors')).rejects.toMatchObject({
    cause: { code: 'nodes/model-missing', message: expect.stringContaining('Load model from files') },
  })
})

test('a folder without some parts is an error that names each of them', async () => {
  const broken = join(place.folder, 'broken')
  await writeRandomModel(broken, { seed: 7n })
  for (const part of ['vae', 'tokenizer_2']) await rm(join(broken, part), { recursive: true })
  await expect(load('broken')).rejects.toMatchObject({
    cause: { code: 'dreamo/files-missing', message: expect.stringMatching(/broken\/vae.*broken\/tokenizer_2/) },
  })
})

test('weights are hashed while the progress is told, and a cancel ends it', async () => {
  const fresh = join(place.folder, 'fresh')
  await writeRandomModel(fresh, { seed: 10n })
  const labels: string[] = []
  await load('fresh', { onEvent: (event) => event.type === 'node-progress' && labels.push(event.label ?? '') })
  expect(labels).toContain('hashing diffusion_pytorch_model.safetensors')
  const other = await place.open({ home: join(place.folder, 'other-home'), cache: 'memory' })
  const cancel = new AbortController()
  const document = flow({ nodes: { model: ['model/load', { model: 'fresh' }] } })
  const onEvent = ({ type }: { type: string }): void => {
    if (type === 'node-progress') cancel.abort()
  }
  await expect(other.run(document, { signal: cancel.signal, onEvent })).rejects.toMatchObject({ code: 'run/cancelled' })
})
