import { expect, test } from 'vitest'
import { parseSchedulerConfig } from './configs.js'
import { fluxFolderTexts } from './flux-folder.js'
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
