import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Latent, RgbImage } from '@dreamgraph/dreamo'
import type { JsonValue, LoadedWorkflow, NodeReport } from '@dreamgraph/graph'
import { writeFileAtomic } from '@dreamgraph/store'
import { adapterJob, parseTrainConfig, type StageReport, trainAdapter } from '@dreamgraph/train'
import { difficultyOf } from '@dreamgraph/world'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { encodePicture } from '../image/encode.js'
import type { LoadedModel } from '../model-shelf.js'
import { flow } from '../testing/flow.js'
import { pattern } from '../testing/pictures.js'
import { type Studio, studio } from '../testing/studio.js'
import { readWorkflowFile } from '../workflow-file.js'
import { parametersOf, placeholderRowsOf, type TrainedAdapter } from './values.js'

let place: Studio

beforeAll(async () => {
  place = await studio()
})
afterAll(() => place.remove())

const timeout = 300_000
const small = { steps: 2, rank: 2, textTokens: 24, warmupSteps: 0, learningRate: 1e-3, checkpointEvery: 1 }

/** Two stages, the second of which knows references. */
const twoStages = (change: Readonly<Record<string, JsonValue>> = {}): LoadedWorkflow =>
  flow({
    nodes: {
      model: ['model/load', { model: 'model' }],
      world: ['train/world', { samples: 2, seed: '3' }],
      first: ['train/stage', { ...small, name: 'words', mixture: { text: 1 } }],
      second: ['train/stage', { ...small, name: 'words', mixture: { subject: 1 }, ...change }],
      use: ['model/adapter', {}],
      text: ['dreamo/encode-text', { text: 'the mug [ref#1]', maxTokens: 24 }],
      picture: ['image/load', { file: 'b.png' }],
      reference: ['dreamo/encode-reference', { slot: 1, resolution: 32 }],
      pack: ['dreamo/pack-conditions', {}],
      noise: ['latent/noise', { width: 64, height: 64 }],
      sample: ['dreamo/sample', { steps: 1 }],
    },
    links: [
      'model.model > first.model',
      'model.model > second.model',
      'world.dataset > first.dataset',
      'world.dataset > second.dataset',
      'first.adapter > second.start',
      'model.model > use.model',
      'second.adapter > use.adapter',
      'use.model > text.model',
      'use.model > reference.model',
      'picture.image > reference.image',
      'text.text > pack.text',
      'reference.reference > pack.references',
      'use.model > sample.model',
      'pack.conditions > sample.conditions',
      'noise.latent > sample.noise',
    ],
  })

const statusOf = (nodes: ReadonlyMap<string, NodeReport>, ...ids: string[]) => ids.map((id) => nodes.get(id)?.status)

test('three stages are a saved flow: it trains, saves the adapter, and its losses as a table and a picture', {
  timeout,
}, async () => {
  const bench = await place.open()
  const file = new URL('../../../examples/workflows/train-three-stages.json', import.meta.url)
  const loaded = await readWorkflowFile(file.pathname)
  const inputs = { model: 'model', steps: 2, batch: 1, rank: 2, 'text-tokens': 24, seed: '5' }
  const { written, nodes } = await bench.run(loaded, { inputs })
  expect(written.map(({ path, kind }) => `${kind} ${path.slice(place.folder.length)}`).sort()).toEqual([
    'adapter /out/adapter/DreamO/dreamo.safetensors',
    'image /out/adapter-0001.png',
    'losses /out/adapter.csv',
  ])
  const [head, ...lines] = (await readFile(join(place.folder, 'out', 'adapter.csv'), 'utf8')).trim().split('\n')
  expect(head).toBe('step,task,diff,route,holder,within,naming,reading,gradient_norm,learning_rate,stage')
  expect(new Set(lines.map((line) => line.split(',').at(-1)))).toEqual(new Set(['subjects', 'all', 'quality']))
  expect(statusOf(nodes, 'subjects', 'all', 'quality')).toEqual(['ran', 'ran', 'ran'])
})

test('stages in a row give the bytes of a training file, feed the sampler, and are not trained twice', {
  timeout,
}, async () => {
  const bench = await place.open()
  const { value } = await bench.run(twoStages(), { targets: ['second', 'sample', 'model'] })
  expect((value('sample', 'latent') as Latent).data.every(Number.isFinite)).toBe(true)
  const adapter = value('second', 'adapter') as TrainedAdapter
  expect(adapter.config.stages.map(({ name }) => name)).toEqual(['words', 'words-2'])
  expect((value('second', 'losses') as { lines: { step: number }[] }).lines.map(({ step }) => step)).toEqual([1, 2])

  const stage = { steps: 2, schedule: { peak: 1e-3, warmupSteps: 0 } }
  const config = parseTrainConfig({
    rank: 2,
    checkpointEvery: 1,
    stages: [
      { ...stage, name: 'words', mixture: { text: 1 } },
      { ...stage, name: 'more', mixture: { subject: 1 } },
    ],
  })
  const base = (value('model', 'model') as LoadedModel).model
  const data = { kind: 'world', seed: 3n, samples: 2, difficulty: difficultyOf(0), referenceSizePx: 64 } as const
  const job = adapterJob({ base, config, data, textTokens: 24, placeholders: 'learn' })
  const reports: StageReport[] = []
  const path = await trainAdapter({
    job,
    config,
    runtime: await bench.runtime(),
    folder: join(place.folder, 'file'),
    format: 'dreamo',
    onStep: (report) => reports.push(report),
  })
  expect(reports).toHaveLength(4)
  expect((await readFile(path)).equals(await readFile(join(adapter.folder, 'adapter.safetensors')))).toBe(true)

  // Another process finds the stages in the cache, and trains again when their files are gone.
  const later = await place.open()
  const again = await later.run(twoStages(), { targets: ['second'] })
  expect(statusOf(again.nodes, 'first', 'second')).toEqual(['cached', 'cached'])
  await rm(join(place.folder, 'home', 'work'), { recursive: true })
  const anew = await (await place.open()).run(twoStages(), { targets: ['second'] })
  expect(statusOf(anew.nodes, 'first', 'second')).toEqual(['ran', 'ran'])
  expect((anew.value('second', 'adapter') as TrainedAdapter).digest).toBe(adapter.digest)
})

test('a cancelled stage goes on from its checkpoint, and ends as if it had not been cancelled', {
  timeout,
}, async () => {
  const document = twoStages({ steps: 3 })
  const whole = await (await place.open({ home: join(place.folder, 'other') })).run(document, { targets: ['second'] })
  const controller = new AbortController()
  const steps: number[] = []
  const run = async (signal?: AbortSignal) =>
    (await place.open()).run(document, {
      targets: ['second'],
      signal,
      onEvent(event) {
        if (event.type !== 'node-progress' || event.node !== 'second') return
        steps.push(event.done)
        if (event.done === 1) controller.abort(new Error('enough'))
      },
    })
  await expect(run(controller.signal)).rejects.toMatchObject({ code: 'run/cancelled' })
  const resumed = await run()
  expect(steps).toEqual([1, 2, 3])
  const digestOf = ({ value }: typeof whole) => (value('second', 'adapter') as TrainedAdapter).digest
  expect(digestOf(resumed)).toBe(digestOf(whole))
})

test('a stage may fuse LoRA into the weights while it learns: what it learns is the same but for rounding', {
  timeout,
}, async () => {
  const bench = await place.open({ cache: 'memory' })
  const learnt = async (change: Readonly<Record<string, JsonValue>>): Promise<TrainedAdapter> =>
    (await bench.run(twoStages(change), { targets: ['second'] })).value('second', 'adapter') as TrainedAdapter
  const [branches, fused] = [await learnt({}), await learnt({ loraMode: 'fused' })]
  expect([branches.config.loraMode, fused.config.loraMode]).toEqual(['branches', 'fused'])
  expect(fused.folder).not.toBe(branches.folder)
  const [beside, within] = [await parametersOf(branches), await parametersOf(fused)]
  for (const [name, values] of beside) {
    const furthest = Math.max(...values.map((value, i) => Math.abs(value - within.get(name)![i]!)))
    expect(furthest, name).toBeLessThan(1e-4)
  }
})

test('placeholder words that are kept come along to the next stage and into the file', { timeout }, async () => {
  const bench = await place.open({ cache: 'memory' })
  const kept = (rank: number) => ({ ...small, rank, steps: 1, placeholders: 'keep', mixture: { text: 1 } })
  const document = flow({
    nodes: {
      model: ['model/load', { model: 'model' }],
      world: ['train/world', { samples: 2 }],
      first: ['train/stage', kept(2)],
      second: ['train/stage', kept(7)],
      save: ['train/save-adapter', { name: 'kept', format: 'diffusers' }],
      lora: ['model/lora', { file: 'out/kept/adapter.safetensors' }],
    },
    links: [
      'model.model > first.model',
      'model.model > second.model',
      'world.dataset > first.dataset',
      'world.dataset > second.dataset',
      'first.adapter > second.start',
      'second.adapter > save.adapter',
      'model.model > lora.model',
    ],
  })
  const { value } = await bench.run(document, { targets: ['first', 'second', 'save'] })
  const [first, second] = ['first', 'second'].map((id) => value(id, 'adapter') as TrainedAdapter)
  expect(second!.config.rank).toBe(2)
  expect(await placeholderRowsOf(second!)).toEqual(await placeholderRowsOf(first!))
  const { value: opened } = await bench.run(document, { targets: ['lora'] })
  expect((opened('lora', 'model') as LoadedModel).model.embeddings).toBeDefined()
})

test('a base that already has LoRA, tasks that are not there and sides of no whole token are refused', {
  timeout,
}, async () => {
  const bench = await place.open({ cache: 'memory' })
  const failure = (document: LoadedWorkflow): Promise<{ code: string; message: string }> =>
    bench.run(document).then(
      () => Promise.reject(new Error('expected a failure')),
      ({ cause }) => cause,
    )
  const onPreset = flow({
    nodes: {
      model: ['model/load', { model: 'model' }],
      preset: ['model/preset', {}],
      world: ['train/world', {}],
      stage: ['train/stage', small],
    },
    links: ['model.model > preset.model', 'preset.model > stage.model', 'world.dataset > stage.dataset'],
  })
  expect(await failure(onPreset)).toMatchObject({ code: 'train/model-unsuitable' })
  expect(await failure(twoStages({ mixture: { dogs: 1 } }))).toMatchObject({ code: 'train/config-invalid' })
  const data = (params: Record<string, string | number>) => flow({ nodes: { data: ['train/data', params] } })
  const targets = ['data']
  await expect(bench.run(data({ manifest: 'none.jsonl' }), { targets })).rejects.toMatchObject({
    cause: { code: 'train/manifest-invalid' },
  })
  await expect(bench.run(data({ manifest: 'none.jsonl', width: 100 }), { targets })).rejects.toMatchObject({
    cause: { code: 'nodes/size-invalid' },
  })
})

test('pictures are known by their content: a new one under an old name is another dataset', { timeout }, async () => {
  const bench = await place.open({ cache: 'memory' })
  await writeFileAtomic(join(place.folder, 'c.png'), await encodePicture(pattern(32, 32, 3), 'png', 100))
  const line = JSON.stringify({ target: 'c.png', task: 'text', caption: 'a cat' })
  await writeFileAtomic(join(place.folder, 'manifest.jsonl'), line)
  const digest = async (): Promise<string> => {
    const document = flow({ nodes: { data: ['train/data', { manifest: 'manifest.jsonl', width: 32, height: 32 }] } })
    return ((await bench.run(document, { targets: ['data'] })).value('data', 'dataset') as { digest: string }).digest
  }
  const before = await digest()
  expect(await digest()).toBe(before)
  const other: RgbImage = { ...pattern(32, 32, 3), data: new Uint8Array(32 * 32 * 3).fill(9) }
  await writeFileAtomic(join(place.folder, 'c.png'), await encodePicture(other, 'png', 100))
  expect(await digest()).not.toBe(before)
})
