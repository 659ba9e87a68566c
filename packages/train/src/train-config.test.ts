import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseTrainConfig, printTrainConfig, readTrainConfig, stageIdentity } from './train-config.js'

const small = { stages: [{ name: 'subjects', steps: 10, mixture: { subject: 1 } }] }

describe('a training file', () => {
  it('needs stages with names, steps and mixtures; the rest has defaults', () => {
    const config = parseTrainConfig(small)
    expect(config).toMatchObject({ seed: 0n, rank: 128, routing: 'raw', placeholder: 'scaled' })
    expect(config.stages[0]).toMatchObject({
      losses: { diff: 1, route: 1, holder: 1 },
      schedule: { peak: 4e-5, decay: 'constant' },
      times: { kind: 'logit-normal', mean: 0, std: 1 },
      captionDropRate: 0.1,
    })
  })

  it('round-trips as JSON, its 64-bit seed too', () => {
    const config = parseTrainConfig({ ...small, seed: '18446744073709551615' })
    expect(parseTrainConfig(JSON.parse(printTrainConfig(config)))).toEqual(config)
  })

  it('has naming and reading where layers are named for them, and no trace of them elsewhere', () => {
    const [stage] = small.stages
    const stages = [{ ...stage, losses: { naming: 1, reading: 0.5 } }]
    const config = parseTrainConfig({ stages, namingLayers: [1], readingLayers: [2, 3] })
    expect(config.stages[0]!.losses).toMatchObject({ diff: 1, naming: 1, reading: 0.5 })
    expect(() => parseTrainConfig({ stages, namingLayers: [1] }, 'a.json')).toThrow(
      'a.json, stages.0.losses.reading: expected 0, or readingLayers beside stages, got 0.5',
    )
    // Checkpoints from before there were such losses go on.
    expect(stageIdentity(parseTrainConfig(small), 0)).not.toMatch(/naming|reading/)
    expect(stageIdentity(config, 0)).toMatch(/"namingLayers":\[1\]/)
  })

  it('tells of every fault at once, with paths and values', () => {
    const bad = {
      seed: '18446744073709551616',
      rnak: 4,
      loraMode: 'melted',
      stages: [
        { ...small.stages[0], name: 'Subjects', schedule: { peak: -1 } },
        { ...small.stages[0], mixture: { subject: 0 }, times: { kind: 'beta' } },
      ],
    }
    try {
      parseTrainConfig(bad, 'a.json')
      expect.unreachable()
    } catch (error) {
      expect(error).toMatchObject({ code: 'train/config-invalid', userFault: true })
      const lines = (error as Error).message.split('\n')
      const paths = lines.map((line) => /^a\.json, ([^:]+): /.exec(line)?.[1])
      expect(new Set(paths)).toEqual(
        new Set([
          'seed',
          'loraMode',
          'top level',
          'stages.0.name',
          'stages.0.schedule.peak',
          'stages.1.mixture',
          'stages.1.times.kind',
        ]),
      )
      expect((error as Error).message).toContain('rnak')
    }
  })

  it.each([
    ['no such file', undefined, /expected a readable file, got ENOENT/],
    ['no JSON', '{', /expected JSON/],
  ])('%s', async (_, text, message) => {
    const folder = await mkdtemp(join(tmpdir(), 'train-config-'))
    const path = join(folder, 'train.json')
    if (text !== undefined) await writeFile(path, text)
    await expect(readTrainConfig(path)).rejects.toMatchObject({
      code: 'train/config-invalid',
      message: expect.stringMatching(message),
    })
    await rm(folder, { recursive: true })
  })
})

describe('the identity of a stage', () => {
  const identity = (change: object, rest: object = {}) =>
    stageIdentity(parseTrainConfig({ ...rest, stages: [{ ...small.stages[0], ...change }] }), 0)

  it('hangs on the numbers, not on how often checkpoints are written', () => {
    expect(identity({}, { checkpointEvery: 7 })).toBe(identity({}))
    expect(identity({ clipNorm: 2 })).not.toBe(identity({}))
    expect(identity({}, { seed: 1 })).not.toBe(identity({}))
  })

  it('is the text that checkpoints have always had, unless LoRA is fused', () => {
    const before = stageIdentity(parseTrainConfig(small), 0)
    expect(before).toBe(
      '{"seed":"0","rank":128,"routing":"raw","placeholder":"scaled","guidance":1,"recompute":false,' +
        '"optimizer":{"betas":[0.9,0.999],"epsilon":1e-8,"weightDecay":0.01},' +
        '"stages":[{"name":"subjects","mixture":{"subject":1},"batch":1,"accumulate":1,' +
        '"losses":{"diff":1,"route":1,"holder":1},' +
        '"schedule":{"peak":0.00004,"warmupSteps":100,"decay":"constant","floor":0},"clipNorm":1,"emaDecay":0.999,' +
        '"times":{"kind":"logit-normal","mean":0,"std":1},' +
        '"captionDropRate":0.1,"plainCaptionRate":0.5,"referenceDropRate":0}]}',
    )
    expect(identity({}, { loraMode: 'branches' })).toBe(before)
    expect(JSON.parse(identity({}, { loraMode: 'fused' }))).toEqual({ ...JSON.parse(before), loraMode: 'fused' })
  })

  it('hangs on the number of steps where the learning rate does', () => {
    expect(identity({ steps: 20 })).toBe(identity({}))
    const cosine = { schedule: { decay: 'cosine' } }
    expect(identity({ ...cosine, steps: 20 })).not.toBe(identity(cosine))
  })
})
