import { mkdtemp, readdir, readFile, rm, truncate } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openRegistry, shippedModels, writeRandomModel } from '@dreamgraph/nodes'
import { type Download, routes } from '@dreamgraph/protocol'
import { openHub } from '@dreamgraph/store'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { commitOf, type Fault, type LocalHub, openLocalHub } from '../../../../test/download/hub.js'
import { type Models, openModels } from './models.js'

const { downloadModel, modelReport, models: modelList } = routes

let root: string
let home: string
let local: LocalHub
let models: Models
let fault: (path: string) => Fault | undefined = () => undefined

/** A whole small model, its additions in repositories of their own, as they are on the hub. */
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'server-models-'))
  await writeRandomModel(join(root, 'source'), { seed: 1n })
  const all = await filesIn(join(root, 'source'))
  const under = (folder: string) =>
    Object.fromEntries(
      Object.entries(all).flatMap(([p, b]) => (p.startsWith(folder) ? [[p.slice(folder.length), b]] : [])),
    )
  const isPart = (path: string) => !/^(DreamO|FLUX\.1-Turbo-Alpha)\//.test(path)
  local = await openLocalHub({
    commits: { [commitOf('a')]: Object.fromEntries(Object.entries(all).filter(([path]) => isPart(path))) },
    branches: { main: commitOf('a') },
    others: { 'owner/DreamO': under('DreamO/'), 'owner/FLUX.1-Turbo-Alpha': under('FLUX.1-Turbo-Alpha/') },
    fault: (path) => fault(path),
  })
})
afterAll(async () => {
  await local.close()
  await rm(root, { recursive: true, force: true })
})
beforeEach(async () => {
  fault = () => undefined
  home = await mkdtemp(join(root, 'home-'))
  models = await openModels({ home, hub: openHub({ url: local.url, token: '', retry: { tries: 2, firstDelayMs: 5 } }) })
})
afterEach(() => models.close())

const flux = { name: 'flux', repo: 'owner/model', revision: 'main' }
const slow = () => ({ bytesPerSecond: 100_000 })

test('a model and its additions, asked for in a row: one after the other, registered, and every preset fits', async () => {
  const repos = ['owner/model', 'owner/DreamO', 'owner/FLUX.1-Turbo-Alpha']
  const started = await Promise.all(repos.map((repo) => models.download({ name: 'flux', repo })))
  for (const download of started)
    expect(downloadModel.answer.parse(download)).toMatchObject({ state: 'running', doneBytes: 0 })
  const ended = await Promise.all(started.map(({ id }) => end(id)))
  expect(ended.map(({ state, error }) => error ?? state)).toEqual(['finished', 'finished', 'finished'])
  expect(ended.every(({ doneBytes, totalBytes }) => doneBytes === totalBytes && doneBytes > 1000)).toBe(true)
  expect(models.downloads().map(({ repo }) => repo)).toEqual([...repos].reverse())

  const folder = join(home, 'models', 'flux')
  const { items } = modelList.answer.parse({ items: await models.list() })
  const summary = items.find(({ name }) => name === 'flux')
  const sizeBytes = Object.values(await filesIn(folder)).reduce((sum, { length }) => sum + length, 0)
  expect(summary).toEqual({ name: 'flux', shipped: false, parts: { folder }, sizeBytes })
  const report = modelReport.answer.parse(await models.report('flux'))
  expect(report.isFine).toBe(true)
  // A client learns how the model is made, not where it lies.
  expect(report.components.map(({ component }) => component)).toContainEqual(expect.stringMatching(/^LoRA \w/))
  expect(JSON.stringify(report)).not.toContain(home)
  expect(report.presets.filter(({ isFine }) => !isFine)).toEqual([])
  expect(report.components.find(({ component }) => component === 'transformer')).toMatchObject({
    missing: [],
    unused: [],
  })
})

test('an equal download is joined while it runs; cancelled it stops, keeps what has come, and the next goes on', async () => {
  fault = slow
  const first = await models.download(flux)
  expect((await models.download({ ...flux })).id).toBe(first.id)
  const other = await models.download({ ...flux, files: ['vae/*'] })
  expect(other.id).not.toBe(first.id)
  await until(() => find(first.id).doneBytes > 20_000)
  expect(find(first.id)).toMatchObject({ state: 'running', file: expect.any(String), totalBytes: expect.any(Number) })
  expect(find(other.id).doneBytes).toBe(0)

  expect(await models.cancelDownload(other.id)).toMatchObject({ state: 'cancelled', doneBytes: 0 })
  const startedAtMs = Date.now()
  const cancelled = await models.cancelDownload(first.id)
  expect(Date.now() - startedAtMs).toBeLessThan(1000)
  expect(downloadModel.answer.parse(cancelled)).toMatchObject({ state: 'cancelled' })
  expect(cancelled).not.toHaveProperty('error')
  expect(await models.names()).not.toContain('flux')

  fault = () => undefined
  const before = local.sentBytes
  const again = await end((await models.download(flux)).id)
  expect(again.state).toBe('finished')
  expect(local.sentBytes - before).toBeLessThan(again.totalBytes! - 10_000)
  expect(await models.cancelDownload(again.id)).toEqual(again)
})

test.each<[string, object, Fault | undefined, object]>([
  ['a hub that fails', {}, { status: 503 }, { code: 'model/download-failed', userFault: false }],
  ['wrong bytes', {}, { isWrong: true }, { code: 'model/download-failed', userFault: false }],
  ['a licence', {}, { status: 403 }, { code: 'store/hub-refused', userFault: true }],
  ['no such repository', { repo: 'owner/none' }, undefined, { code: 'store/hub-missing', userFault: true }],
  [
    'the name of a model that comes along',
    { name: 'mini' },
    undefined,
    { code: 'nodes/model-name-taken', userFault: true },
  ],
  ['a name that leads elsewhere', { name: '../up' }, undefined, { code: 'nodes/model-name-invalid', userFault: true }],
])('%s ends a download with its fault, and registers nothing', async (_, change, wrong, error) => {
  fault = () => wrong
  const before = await models.names()
  const ended = await end((await models.download({ ...flux, ...change })).id)
  expect(downloadModel.answer.parse(ended)).toMatchObject({ state: 'failed', error })
  expect(await models.names()).toEqual(before)
})

test('the model that comes along is listed, reported on, and not forgotten', async () => {
  const { folder } = shippedModels().mini!
  const [mini] = await models.list()
  expect(mini).toEqual({ name: 'mini', shipped: true, parts: { folder }, sizeBytes: expect.any(Number) })
  expect(mini!.sizeBytes).toBeGreaterThan(1e6)
  const { isFine, presets } = await models.report('mini')
  expect(isFine).toBe(true)
  expect(presets).toContainEqual({ preset: 'mini', isFine: true })
  await expect(models.remove('mini')).rejects.toMatchObject({ code: 'nodes/model-name-taken' })
})

test('what is missing or does not fit is in list and report; a name is forgotten, its files are not', async () => {
  const folder = join(root, 'broken')
  await writeRandomModel(folder, { seed: 2n })
  await truncate(join(folder, 'vae/diffusion_pytorch_model.safetensors'), 5000)
  await truncate(join(folder, 'DreamO/v1.1/dreamo_sft_lora.safetensors'), 500)
  await rm(join(folder, 'text_encoder'), { recursive: true })
  await openRegistry(home).add('broken', { folder, transformer: join(folder, 'transformer') })
  const broken = (await models.list()).find(({ name }) => name === 'broken')!
  expect(broken.parts).toEqual({ folder, transformer: join(folder, 'transformer') })
  expect(broken.problem).toContain('text_encoder')
  const report = modelReport.answer.parse(await models.report('broken'))
  expect(report.isFine).toBe(false)
  const messages = Object.fromEntries(report.components.map(({ component, message }) => [component, message]))
  expect(messages).toMatchObject({
    vae: expect.stringMatching(/^weights\//),
    clip: 'not there',
    transformer: undefined,
  })
  const preset = report.presets.find(({ preset }) => preset === 'v1.1')
  expect(preset).toMatchObject({
    isFine: false,
    message: expect.stringMatching(/dreamo_sft_lora\.safetensors; weights\//),
  })
  await models.remove('broken')
  expect(await models.names()).not.toContain('broken')
  expect(await readdir(folder)).toContain('transformer')
})

test('single files without a folder are reported on by themselves', async () => {
  const transformer = join(root, 'source/transformer')
  await openRegistry(home).add('parts', { transformer })
  const report = await models.report('parts')
  const fine = report.components.filter(({ message }) => message === undefined)
  expect(fine.map(({ component }) => component)).toEqual(['transformer'])
  expect(report.isFine).toBe(false)
  expect((await models.list()).find(({ name }) => name === 'parts')!.problem).toContain('textEncoder')
})

test('unknown names and ids', async () => {
  const missing = { code: 'request/not-found', status: 404 }
  await expect(models.report('constructor')).rejects.toMatchObject(missing)
  await expect(models.remove('constructor')).rejects.toMatchObject(missing)
  await expect(models.cancelDownload('00000000-0000-4000-8000-000000000000')).rejects.toMatchObject(missing)
})

test('closing stops downloads and keeps what has come', async () => {
  fault = slow
  const { id } = await models.download(flux)
  await until(() => find(id).doneBytes > 20_000)
  await models.close()
  expect(find(id).state).toBe('cancelled')
  const names = await readdir(join(home, 'models/flux'), { recursive: true })
  expect(names.filter((name) => name.endsWith('.part'))).toHaveLength(1)
  expect(await models.download(flux).then((late) => end(late.id))).toMatchObject({ state: 'cancelled' })
})

const find = (id: string): Download => models.downloads().find((download) => download.id === id)!

async function end(id: string): Promise<Download> {
  await until(() => find(id).state !== 'running')
  return find(id)
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((done) => setTimeout(done, 10))
}

/** Path → bytes of every file but the note of where it came from. */
async function filesIn(folder: string): Promise<Record<string, Uint8Array>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return Object.fromEntries(
    await Promise.all(paths.map(async (path) => [path.slice(folder.length + 1), await readFile(path)] as const)),
  )
}
