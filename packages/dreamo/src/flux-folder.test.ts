import { expect, test } from 'vitest'
import { parseSchedulerConfig } from './configs.js'
import { fluxFolderTexts, usualSchedule } from './flux-folder.js'
import { schedule } from './scheduler.js'
import { clipTokenizerFiles, t5TokenizerFiles } from './tokenizers/made.js'

const parts = {
  transformer: { a: 1 },
  clip: { b: 2 },
  t5: { c: 3 },
  clipTokenizer: clipTokenizerFiles(),
  t5Tokenizer: t5TokenizerFiles(),
}

test('a folder has the parts that its index names, each with what opens it', () => {
  const texts = fluxFolderTexts({ ...parts, vae: { d: 4 } })
  const { _class_name, ...named } = JSON.parse(texts['model_index.json']!)
  expect(_class_name).toBe('FluxPipeline')
  const folders = Object.keys(texts).flatMap((path) => (path.includes('/') ? path.split('/')[0]! : []))
  expect([...new Set(folders)].sort()).toEqual(Object.keys(named).sort())
  expect(JSON.parse(texts['vae/config.json']!)).toEqual({ d: 4 })
  expect(fluxFolderTexts(parts)).not.toHaveProperty(['vae/config.json'])
})

test('the schedule is FLUX.1-dev’s', () => {
  const config = JSON.parse(fluxFolderTexts(parts)['scheduler/scheduler_config.json']!)
  expect(parseSchedulerConfig(config)).toEqual({
    trainTimesteps: 1000,
    shift: 3,
    dynamicShift: true,
    baseShift: 0.5,
    maxShift: 1.15,
    baseTokens: 256,
    maxTokens: 4096,
  })
})

test('a transformer without a schedule has that of dev, or without guidance schnell’s, which shifts nothing', () => {
  const sigmasOf = (guidanceEmbeds: boolean) => [
    ...schedule(parseSchedulerConfig(usualSchedule({ guidanceEmbeds })), { steps: 4, imageTokens: 4096 }).sigmas,
  ]
  expect(sigmasOf(false)).toEqual([1, 0.75, 0.5, 0.25, 0])
  // σ' = e^μ / (e^μ + 1/σ − 1) with μ = 1.15 at 4096 tokens
  const shifted = [1, 0.75, 0.5, 0.25].map((sigma) => Math.exp(1.15) / (Math.exp(1.15) + 1 / sigma - 1))
  for (const [i, sigma] of sigmasOf(true).slice(0, 4).entries()) expect(sigma).toBeCloseTo(shifted[i]!, 5)
})
