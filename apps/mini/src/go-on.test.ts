import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseClipConfig, parseFluxConfig, parseT5Config } from '@dreamgraph/dreamo'
import { baseModel } from '@dreamgraph/train'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { clipConfig, t5Config, transformerConfig } from './configs.js'
import { baseStart, beginFrom } from './go-on.js'
import { openCaptions } from './model-folder.js'

const mini = fileURLToPath(new URL('../../../models/mini', import.meta.url))
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'go-on-'))
})
afterAll(() => rm(folder, { recursive: true }))

test('the model that ships has a value for each parameter of the base that learns', async () => {
  const text = { t5: parseT5Config(t5Config), clip: parseClipConfig(clipConfig) }
  const { initial } = baseModel(parseFluxConfig(transformerConfig), { seed: 1n, text })
  const sizes = (values: ReadonlyMap<string, Float32Array>) =>
    Object.fromEntries([...values].map(([name, { length }]) => [name, length]))
  expect(sizes(await baseStart(mini))).toEqual(sizes(initial))
})

test('all of a model is taken once; what was written over it since stays', async () => {
  const model = join(folder, 'model')
  await beginFrom(mini, model)
  await openCaptions(model)
  await writeFile(join(model, 'vae/left'), 'newer')
  await beginFrom(mini, model)
  await rm(join(model, 'vae/left')) // throws if it is gone
})
