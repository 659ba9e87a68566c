import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openRuntime } from '@dreamgraph/runtime'
import { afterAll, describe, expect, it } from 'vitest'
import type { BatchSource } from './batch.js'
import { tinyConfig, tinyModel, tinySource, tinyTransformer } from './testing/tiny.mjs'
import { runProgress, train } from './train.js'
import { parseTrainConfig } from './train-config.js'
import { baseModel } from './trained-model.js'

const runtime = await openRuntime({ device: 'cpu', threads: 1 })
const root = await mkdtemp(join(tmpdir(), 'train-'))
afterAll(async () => {
  await runtime.close()
  await rm(root, { recursive: true })
})

describe('stages', () => {
  const [one] = tinyConfig({ steps: 2, schedule: { peak: 1e-3, warmupSteps: 0 } }).stages
  const stages = [one, { ...one!, name: 'second', emaDecay: null }]
  const config = { ...tinyConfig(), stages } as ReturnType<typeof tinyConfig>

  it('follow one another, each from the parameters of the one before, and a finished one is not run again', async () => {
    const folder = join(root, 'stages')
    const seen: string[] = []
    const options = { runtime, config, model: await tinyModel(), folder, source: () => tinySource() }
    const result = await train({ ...options, onStep: ({ stage, step }) => seen.push(`${stage} ${step}`) })
    expect(seen).toEqual(['tiny 1', 'tiny 2', 'second 1', 'second 2'])
    expect((await readdir(folder)).sort()).toEqual(['1-tiny', '2-second'])
    expect(result.averages).toEqual(result.parameters) // the last stage keeps no running mean

    await rm(join(folder, '2-second'), { recursive: true })
    const again = await train({ ...options, onStep: ({ stage, step }) => seen.push(`${stage} ${step}`) })
    expect(seen.slice(4)).toEqual(['second 1', 'second 2'])
    expect(again).toEqual(result)
    expect(await runProgress(folder, config)).toEqual([
      { stage: 'tiny', done: 2, steps: 2 },
      { stage: 'second', done: 2, steps: 2 },
    ])
  })

  it('are seen to fit before the first step: more steps for one that others have built on are refused at once', async () => {
    const folder = join(root, 'built-on')
    const options = { runtime, model: await tinyModel(), folder, source: () => tinySource() }
    const constant = (steps: number) => tinyConfig({ steps, schedule: { peak: 1e-3, warmupSteps: 0 } }).stages[0]!
    const runOf = (steps: number) => ({
      ...tinyConfig(),
      stages: [constant(steps), { ...constant(1), name: 'second' }],
    })
    await train({ ...options, config: runOf(1) })
    const onStep = () => expect.unreachable()
    await expect(train({ ...options, config: runOf(2), onStep })).rejects.toMatchObject({
      code: 'train/checkpoint-invalid',
      message: expect.stringMatching(/2-second.*stages\.0\.steps 1 in place of 2/),
    })
  })
})

describe('a base from the start', () => {
  it('learns every weight; its velocity is zero before the first step', async () => {
    const { config: flux, weights } = await tinyTransformer()
    const model = baseModel(flux, { seed: 2n })
    expect([...model.trainables.keys()].sort()).toEqual([...weights.keys()].sort())
    const plain: BatchSource = {
      buckets: { plain: { ...tinySource().buckets.one!, references: [] } },
      async next(step, rng) {
        const { masks: _, placeholders: __, ...batch } = await tinySource().next(step, rng)
        return { ...batch, bucket: 'plain', references: new Float32Array(0) }
      },
    }
    const losses: number[] = []
    const config = parseTrainConfig({
      stages: [{ name: 'base', steps: 8, mixture: { text: 1 }, batch: 2, schedule: { peak: 2e-3, warmupSteps: 0 } }],
    })
    const first = await plain.next(1, () => 0.4)
    const source = { ...plain, next: async () => first }
    const options = { runtime, config, model, source: () => source, folder: join(root, 'base') }
    const { parameters } = await train({ ...options, onStep: (report) => losses.push(report.losses.diff!) })
    // Data and noise are standard normals: the mean square of their difference is 2.
    expect(losses[0]).toBeCloseTo(2, 0)
    expect(losses.at(-1)).toBeLessThan(losses[0]!)
    const adapter = { ...options, model: await tinyModel(), source: () => tinySource() }
    await expect(train(adapter)).rejects.toMatchObject({
      code: 'train/checkpoint-invalid',
      message: expect.stringContaining('expected a checkpoint of this model'),
    })
    const still = [...parameters].filter(([name, values]) => values.every((v, i) => v === model.initial.get(name)![i]))
    expect(still.map(([name]) => name)).toEqual([])
  })
})
