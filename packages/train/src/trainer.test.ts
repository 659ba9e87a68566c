import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openRuntime } from '@dreamgraph/runtime'
import { afterAll, describe, expect, it } from 'vitest'
import { checkpointSteps } from './checkpoint.js'
import { tinyConfig, tinyModel, tinySource, tinyTransformer } from './testing/tiny.mjs'
import { adapterModel } from './trained-model.js'
import { type StageOptions, type StageReport, trainStage } from './trainer.js'

const runtime = await openRuntime({ device: 'cpu', threads: 1 })
const root = await mkdtemp(join(tmpdir(), 'trainer-'))
afterAll(async () => {
  await runtime.close()
  await rm(root, { recursive: true })
})

async function options(name: string, change: Partial<StageOptions> = {}): Promise<StageOptions> {
  return {
    runtime,
    config: tinyConfig(),
    stageIndex: 0,
    model: await tinyModel(),
    source: tinySource(),
    folder: join(root, name),
    ...change,
  }
}

describe('a stage', () => {
  it('brings the loss down on a batch that it sees again and again', async () => {
    const one = await tinySource().next(1, () => 0.4)
    const source = { ...tinySource(), next: async () => one }
    const config = tinyConfig({ steps: 25, accumulate: 1, schedule: { peak: 5e-3, warmupSteps: 0 } })
    const reports: StageReport[] = []
    await trainStage(await options('again', { config, source, onStep: (report) => reports.push(report) }))
    const mean = (some: StageReport[]) => some.reduce((sum, { losses }) => sum + losses.diff!, 0) / some.length
    expect(mean(reports.slice(-8))).toBeLessThan(mean(reports.slice(0, 8)))
    expect(Object.keys(reports[0]!.losses)).toEqual(['diff', 'within', 'route', 'holder'])
    expect(reports.at(-1)).toMatchObject({ stage: 'tiny', step: 25, steps: 25, timeLeftMs: 0 })
  })

  it('learns the same with blocks computed again in the backward pass', async () => {
    const losses = async (name: string, recompute: boolean) => {
      const reports: StageReport[] = []
      const config = tinyConfig({ steps: 4 }, { recompute })
      await trainStage(await options(name, { config, onStep: (report) => reports.push(report) }))
      return reports.map(({ losses: { diff, route, holder }, gradientNorm }) => [
        diff ?? 0,
        route ?? 0,
        holder ?? 0,
        gradientNorm,
      ])
    }
    const kept = await losses('kept', false)
    for (const [i, row] of (await losses('computed again', true)).entries()) {
      for (const [j, value] of row.entries()) expect(value).toBeCloseTo(kept[i]![j]!, 3)
    }
  })

  it('learns the same with LoRA fused into the weights as with branches beside them', async () => {
    const losses = async (loraMode: 'branches' | 'fused') => {
      const reports: StageReport[] = []
      const model = adapterModel(await tinyTransformer(), { rank: 2, alpha: 4, seed: 7n, loraMode })
      const config = tinyConfig({ steps: 4 })
      await trainStage(await options(loraMode, { config, model, onStep: (report) => reports.push(report) }))
      return reports.map(({ losses: { diff, route, holder }, gradientNorm }) => [
        diff,
        route ?? 0,
        holder ?? 0,
        gradientNorm,
      ])
    }
    const branches = await losses('branches')
    for (const [i, row] of (await losses('fused')).entries()) {
      for (const [j, value] of row.entries()) expect(value).toBeCloseTo(branches[i]![j]!, 3)
    }
  })

  it('starts as the base itself: the first loss does not depend on the adapter', async () => {
    const first = async (name: string, rank: number) => {
      const reports: StageReport[] = []
      const model = await tinyModel({ rank, seed: BigInt(rank) })
      const config = tinyConfig({ steps: 1 })
      await trainStage(await options(name, { config, model, onStep: (report) => reports.push(report) }))
      return reports[0]!.losses
    }
    expect(await first('rank 1', 1)).toEqual(await first('rank 3', 3))
  })

  it('stopped between steps and started again ends in the same bytes as an unbroken one, and is not run twice', {
    timeout: 180_000,
  }, async () => {
    const whole = await trainStage(await options('whole'))
    const controller = new AbortController()
    const onStep = ({ step }: StageReport): void => {
      if (step === 3) controller.abort(new Error('enough'))
    }
    const stopped = await options('stopped', { signal: controller.signal, onStep })
    await expect(trainStage(stopped)).rejects.toMatchObject({ code: 'train/stopped', userFault: true })
    expect(await checkpointSteps(join(root, 'stopped'))).toEqual([2, 3])
    const resumed = await trainStage(await options('stopped'))
    for (const [name, values] of whole.parameters) expect(resumed.parameters.get(name)).toEqual(values)
    for (const [name, values] of whole.averages) expect(resumed.averages.get(name)).toEqual(values)
    const csv = (name: string) => readFile(join(root, name, 'losses.csv'), 'utf8')
    expect(await csv('stopped')).toBe(await csv('whole'))
    const again = await trainStage(await options('whole', { onStep: () => expect.unreachable() }))
    expect(again).toEqual(whole)
  })

  it('writes losses by task as table and picture', async () => {
    await trainStage(await options('curves', { config: tinyConfig({ steps: 4 }) }))
    const [header, ...lines] = (await readFile(join(root, 'curves', 'losses.csv'), 'utf8')).trimEnd().split('\n')
    expect(header).toBe('step,task,diff,route,holder,within,naming,reading,gradient_norm,learning_rate')
    expect(new Set(lines.map((line) => line.split(',')[0]))).toEqual(new Set(['1', '2', '3', '4']))
    expect(new Set(lines.map((line) => line.split(',')[1]))).toEqual(new Set(['subject', 'identity']))
    expect(await readFile(join(root, 'curves', 'losses.svg'), 'utf8')).toContain('flow matching')
  })

  it('diverges with step, task and losses, and keeps the last checkpoint', async () => {
    const spoil = tinySource((batch, step) =>
      step < 4 ? batch : { ...batch, latents: batch.latents.map(() => Number.POSITIVE_INFINITY) },
    )
    await expect(trainStage(await options('spoilt', { source: spoil }))).rejects.toMatchObject({
      code: 'train/diverged',
      message: expect.stringMatching(/^stage tiny, step 4, task (subject|identity): .*got diff NaN/),
    })
    expect(await checkpointSteps(join(root, 'spoilt'))).toEqual([2])
    // With better data it goes on from there.
    const whole = await trainStage(await options('spoilt'))
    expect(whole.parameters).toEqual((await trainStage(await options('whole'))).parameters)
  })

  it('refuses a checkpoint of other numbers, and gives a stage of constant rate more steps', async () => {
    const constant = (steps: number, rank = 2) =>
      tinyConfig({ steps, schedule: { peak: 1e-3, warmupSteps: 2 } }, { rank })
    await trainStage(await options('longer', { config: constant(2) }))
    await expect(trainStage(await options('longer', { config: constant(2, 3) }))).rejects.toMatchObject({
      code: 'train/checkpoint-invalid',
    })
    await trainStage(await options('longer', { config: constant(3) }))
    expect(await checkpointSteps(join(root, 'longer'))).toEqual([2, 3])
    await expect(trainStage(await options('longer', { config: constant(2) }))).rejects.toThrow(
      /expected a checkpoint of 2 steps at most/,
    )
  })

  it('is trained by one at a time: another on the same folder is refused, and touches nothing', async () => {
    let second: Promise<unknown> | undefined
    const onStep = async (): Promise<void> => {
      second ??= options('alone').then(trainStage)
      second.catch(() => {}) // looked at below
    }
    const first = await trainStage(await options('alone', { onStep }))
    await expect(second).rejects.toMatchObject({ code: 'store/folder-in-use', userFault: true })
    expect(first.parameters).toEqual((await trainStage(await options('whole'))).parameters)
  })

  it.each([
    ['bucket', { bucket: 'three' }, /expected one of the buckets one, two, got "three"/],
    ['text', { text: new Float32Array(3) }, /text: expected 384 values, got 3/],
    ['placeholders', { placeholders: [[0], [9]] }, /placeholders: expected 1 different text tokens below 6/],
  ])('refuses a batch with a wrong %s', async (part, change, message) => {
    const source = { ...tinySource(), next: async () => ({ ...(await tinySource().next(1, () => 0.4)), ...change }) }
    await expect(trainStage(await options(`wrong ${part}`, { source }))).rejects.toMatchObject({
      code: 'train/batch-invalid',
      message: expect.stringMatching(message),
    })
  })
})
