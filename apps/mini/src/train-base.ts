// `node apps/mini/dist/train-base.js --folder F [--share 0.3]`: the data, then stage 0 of the mini model in F/model. Resumes what is there.
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { openComponent, parseClipConfig, parseFluxConfig, parseT5Config } from '@dreamgraph/dreamo'
import { openRuntime } from '@dreamgraph/runtime'
import { baseModel, train } from '@dreamgraph/train'
import { clipConfig, t5Config, transformerConfig } from './configs.js'
import { readDataFiles } from './data-files.js'
import { openCaptions, writeBase, writeFrame } from './model-folder.js'
import { printEvery } from './progress.js'
import { baseConfig, shortened, worldDifficulty, worldMixture, worldSamples, worldSeed } from './recipe.js'
import { wordsSource } from './sources.js'
import { writeWorldData } from './world-data.js'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const { values } = parseArgs({
  options: {
    folder: { type: 'string', default: join(root, '.dreamgraph/mini') },
    share: { type: 'string', default: '1' },
  },
})
const { folder } = values
const config = shortened(baseConfig, Number(values.share))
const model = join(folder, 'model')
const request = {
  folder: join(folder, 'data'),
  name: 'world',
  seed: worldSeed,
  samples: worldSamples,
  mixture: worldMixture,
  difficulty: worldDifficulty,
}

const runtime = await openRuntime({ device: 'cpu' })
await writeFrame(model)
await writeWorldData(runtime, await openComponent('vae', join(model, 'vae')), request, (done, files) =>
  console.log(`data: ${done} of ${files} files`),
)
const data = await readDataFiles(request)
const captions = await openCaptions(model)
const base = baseModel(parseFluxConfig(transformerConfig), {
  seed: config.seed,
  text: { t5: parseT5Config(t5Config), clip: parseClipConfig(clipConfig) },
})
const result = await train({
  runtime,
  config,
  model: base,
  source: (stage) => wordsSource(data, captions, stage),
  folder: join(folder, 'base'),
  onStep: printEvery(50),
})
await writeBase(model, { values: result.averages, shapes: base.trainables })
await runtime.close()
console.log(`written to ${model}`)
