import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { copyFile, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { RgbImage } from '@dreamgraph/dreamo'
import { RunCancelled } from '@dreamgraph/graph'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readPictureRecord } from './picture-record.js'
import { writeRandomModel } from './random-model/random-model.js'
import { flow } from './testing/flow.js'
import { type Changes, type Studio, studio, twoSubjects } from './testing/studio.js'
import type { BenchRunResult, Workbench } from './workbench.js'

let place: Studio
/** What `twoSubjects` paints; found by a workbench that remembers nothing. */
let original: string

beforeAll(async () => {
  place = await studio()
  await writeRandomModel(join(place.folder, 'model-8'), { seed: 8n })
  original = await paint(await place.open({ cache: 'none' }))
})
afterAll(() => place.remove())

test('the next workbench takes everything costly from disk and paints the same', async () => {
  const before = await place.open()
  const first = await before.run(twoSubjects())
  await before.close()
  expect(idsOf(first, 'ran')).toHaveLength(first.nodes.size)
  const second = await (await place.open()).run(twoSubjects())
  expect(idsOf(second, 'ran')).toEqual(['model', 'noise', 'pack', 'preset', 'save'])
  for (const id of ['text', 'referenceA', 'referenceB', 'sample', 'decode']) {
    expect(second.nodes.get(id)).toMatchObject({ status: 'cached', tier: 'store' })
  }
  expect(second.nodes.get('model')!.why).toEqual(['looks at the world, so it always runs'])
  const [one, two] = await Promise.all([...first.written, ...second.written].map(({ path }) => readFile(path)))
  expect(two).toEqual(one)
})

test('another process paints the same, and finds what this one has cached', async () => {
  const bench = await place.open({ home: join(place.folder, 'shared-home') })
  expect(await paint(bench)).toBe(original)
  const workflow = join(place.folder, 'two-subjects.json')
  await writeFile(workflow, twoSubjects().text)
  const script = fileURLToPath(new URL('./testing/paint-elsewhere.mjs', import.meta.url))
  const elsewhere = async (cache: string): Promise<{ picture: string; ran: string[] }> => {
    const { stdout } = await promisify(execFile)('node', [script, bench.home, place.folder, workflow, cache])
    return JSON.parse(stdout)
  }
  const afresh = await elsewhere('none')
  expect(afresh.picture).toBe(original)
  expect(afresh.ran).toContain('sample')
  const shared = await elsewhere('disk')
  expect(shared.picture).toBe(original)
  expect(shared.ran).not.toContain('sample')
})

test('a changed seed re-runs the noise and what hangs on it, and says so', async () => {
  const bench = await place.open({ cache: 'memory' })
  await bench.run(twoSubjects(), { targets: ['decode'] })
  const again = await bench.run(twoSubjects({ noise: { seed: '6' } }), { targets: ['decode'] })
  expect(idsOf(again, 'ran')).toEqual(['decode', 'model', 'noise', 'preset', 'sample'])
  expect(again.nodes.get('noise')!.why).toEqual(['param seed changed "5" → "6"'])
  expect(again.nodes.get('sample')!.why).toEqual(['input noise has new content (from noise)'])
  expect(picture(again)).not.toBe(original)
})

// Most programs write a new file and rename it over the old one; some write into the old one.
test.each([
  ['vae/diffusion_pytorch_model.safetensors', rename],
  ['DreamO/dreamo.safetensors', rename],
  ['DreamO/v1.1/dreamo_dpo_lora.safetensors', copyFile],
])('%s with other content at the same path re-runs what hangs on the model', async (file, replace) => {
  const model = basename(file, '.safetensors') + file.length
  await writeRandomModel(join(place.folder, model), { seed: 7n })
  const changes = { model: { model } }
  const bench = await place.open({ cache: 'memory' })
  expect(await paint(bench, changes)).toBe(original)

  const retrained = join(place.folder, 'retrained.safetensors')
  await copyFile(join(place.folder, 'model-8', file), retrained)
  await replace(retrained, join(place.folder, model, file))
  const again = await bench.run(twoSubjects(changes), { targets: ['decode'] })
  expect(idsOf(again, 'ran')).toEqual(expect.arrayContaining(['text', 'sample', 'decode']))
  expect(picture(again)).not.toBe(original)
  expect(picture(again)).toBe(await paint(await place.open({ cache: 'none' }), changes))
})

test('a cancel in the middle of sampling ends the run, and the next one is whole', async () => {
  const bench = await place.open({ cache: 'memory' })
  const cancel = new AbortController()
  const running = bench.run(twoSubjects({ sample: { steps: 1000 } }), {
    signal: cancel.signal,
    onEvent(event) {
      if (event.type === 'node-progress' && event.node === 'sample' && event.done === 3) cancel.abort()
    },
  })
  const error = await running.then(
    () => undefined,
    (thrown) => thrown,
  )
  expect(error).toBeInstanceOf(RunCancelled)
  expect((error as RunCancelled).reports.get('sample')).toMatchObject({ status: 'cancelled' })
  expect(await paint(bench)).toBe(original)
})

test('two runs side by side do equal work once, and the cancel of one leaves the other whole', async () => {
  const bench = await place.open({ cache: 'memory' })
  const [one, two] = await Promise.all([1, 2].map(() => bench.run(twoSubjects(), { targets: ['decode'] })))
  expect([picture(one!), picture(two!)]).toEqual([original, original])
  expect([one!, two!].map((result) => result.nodes.get('sample')!.status).sort()).toEqual(['cached', 'ran'])

  const cancel = new AbortController()
  const doomed = bench.run(twoSubjects({ sample: { steps: 1000 } }), {
    signal: cancel.signal,
    onEvent: (event) => event.type === 'node-progress' && event.node === 'sample' && cancel.abort(),
  })
  const other = paint(bench, { noise: { seed: '6' } })
  await expect(doomed).rejects.toBeInstanceOf(RunCancelled)
  expect(await other).toBe(await paint(await place.open({ cache: 'none' }), { noise: { seed: '6' } }))
})

test('targets run what they need and nothing else', async () => {
  const bench = await place.open({ cache: 'memory' })
  const result = await bench.run(twoSubjects(), { targets: ['pack'] })
  expect(idsOf(result, 'not-needed')).toEqual(['decode', 'noise', 'sample', 'save'])
  expect(result.written).toEqual([])
  expect(result.value('pack', 'conditions')).toMatchObject({ references: [{ slot: 1 }, { slot: 2 }] })
})

test('a list of seeds paints and writes one picture each', async () => {
  const bench = await place.open({ cache: 'memory', outputFolder: join(place.folder, 'seeds') })
  const result = await bench.run(
    flow({
      nodes: {
        model: ['model/load', { model: 'model' }],
        text: ['dreamo/encode-text', { text: 'a fox', maxTokens: 8 }],
        pack: ['dreamo/pack-conditions'],
        seeds: ['value/seed-list', { start: '5', count: 3 }],
        noise: ['latent/noise', { width: 32, height: 48 }],
        sample: ['dreamo/sample', { steps: 1 }],
        decode: ['vae/decode'],
        save: ['image/save', { name: 'fox' }],
      },
      links: [
        'model.model > text.model',
        'text.text > pack.text',
        'seeds.seeds > noise.seed',
        'model.model > sample.model',
        'pack.conditions > sample.conditions',
        'noise.latent > sample.noise',
        'model.model > decode.model',
        'sample.latent > decode.latent',
        'decode.image > save.image',
      ],
    }),
    { targets: ['decode', 'save'] },
  )
  const images = result.value('decode', 'image') as RgbImage[]
  expect(images.map(({ width, height }) => [width, height])).toEqual(Array(3).fill([32, 48]))
  expect(new Set(images.map(({ data }) => Buffer.from(data).toString('base64'))).size).toBe(3)
  expect(result.nodes.get('sample')).toMatchObject({ items: { count: 3, ran: 3 } })
  expect(result.written.map(({ path }) => basename(path)).sort()).toEqual(await readdir(join(place.folder, 'seeds')))
  expect(result.written).toHaveLength(3)
})

test('a run tells of every file it wrote and every model file it used, and so does the picture', async () => {
  const bench = await place.open({ outputFolder: join(place.folder, 'told') })
  const { written, models } = await bench.run(twoSubjects())
  expect(written.map(({ path, kind }) => [basename(path), kind])).toEqual([['picture-0001.png', 'image']])
  const roles = new Set(models.map(({ role }) => role))
  const parts = ['transformer', 'vae', 'textEncoder', 'textEncoder2', 'tokenizer', 'tokenizer2', 'scheduler', 'lora']
  expect([...roles].sort()).toEqual([...parts].sort())
  const { sha256 } = models.find(({ file }) => file === 'dreamo.safetensors')!
  const dreamo = await readFile(join(place.folder, 'model/DreamO/dreamo.safetensors'))
  expect(sha256).toBe(createHash('sha256').update(dreamo).digest('hex'))
  const record = readPictureRecord(await readFile(written[0]!.path))!
  expect(record.workflow).toBe(twoSubjects().text)
  expect(new Set(record.lock.models)).toEqual(new Set(models))
  expect(record.lock.pixels).toMatchObject({ width: 64, height: 64 })
})

test("cache 'none' runs everything every time; 'disk' is the only one that leaves a folder", async () => {
  const home = join(place.folder, 'bare-home')
  const bench = await place.open({ home, cache: 'none' })
  for (let run = 0; run < 2; run++) {
    const result = await bench.run(twoSubjects(), { targets: ['decode'] })
    expect(idsOf(result, 'cached')).toEqual([])
    expect(picture(result)).toBe(original)
  }
  expect(bench.diskCache).toBeUndefined()
  expect(await readdir(home)).not.toContain('cache')
})

test('confined, a flow reads only what lies in the input folders, and models by registered name', async () => {
  const inside = await place.open({ cache: 'memory', confineInputs: true, home: join(place.folder, 'confined-home') })
  await inside.models.add('tiny', { folder: join(place.folder, 'model') })
  expect(await paint(inside, { model: { model: 'tiny' } })).toBe(original)
  await copyFile(join(place.folder, 'a.png'), `${place.folder}.png`)
  for (const file of [`../${basename(place.folder)}.png`, join(place.folder, 'a.png')]) {
    await expect(paint(inside, { pictureA: { file } })).rejects.toMatchObject({ cause: { code: 'store/path-outside' } })
  }
  await expect(paint(inside, { model: { model: join(place.folder, 'model') } })).rejects.toMatchObject({
    cause: { code: 'store/path-outside' },
  })
})

test('a device that is not there is an error of the run, and closing still works', async () => {
  const bench = await place.open({ cache: 'none', device: 'abacus' as 'cpu' })
  await expect(paint(bench)).rejects.toMatchObject({ cause: { code: 'runtime/option-invalid' } })
  await expect(bench.close()).resolves.toBeUndefined()
})

const idsOf = ({ nodes }: BenchRunResult, wanted: string): string[] =>
  [...nodes].flatMap(([id, { status }]) => (status === wanted ? [id] : [])).sort()

/** The decoded picture's size and SHA-256. */
function picture(result: BenchRunResult): string {
  const { width, height, data } = result.value('decode', 'image') as RgbImage
  return `${width}×${height} ${createHash('sha256').update(data).digest('hex')}`
}

/** Runs up to the decoded picture, so that nothing is written. */
const paint = async (bench: Workbench, changes: Changes = {}): Promise<string> =>
  picture(await bench.run(twoSubjects(changes), { targets: ['decode'] }))
