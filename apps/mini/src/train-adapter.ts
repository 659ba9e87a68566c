// `node apps/mini/dist/train-adapter.js --folder F [--share 0.3]`: stages 1 to 3 on the base in F/model. Resumes what is there.
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { modelFiles, openComponent, openModel, parametersOf } from '@dreamgraph/dreamo'
import { openRuntime } from '@dreamgraph/runtime'
import { adapterModel, clipInGraph, train } from '@dreamgraph/train'
import { readDataFiles } from './data-files.js'
import { openCaptions, writeDreamo } from './model-folder.js'
import { printEvery } from './progress.js'
import { writeQualityData } from './quality-data.js'
import {
  adapterConfig,
  qualitySamples,
  shortened,
  worldDifficulty,
  worldMixture,
  worldSamples,
  worldSeed,
} from './recipe.js'
import { referencesSource } from './sources.js'
import { writeWorldData } from './world-data.js'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const { values } = parseArgs({
  options: {
    folder: { type: 'string', default: join(root, '.dreamgraph/mini') },
    share: { type: 'string', default: '1' },
  },
})
const { folder } = values
const config = shortened(adapterConfig, Number(values.share))
const modelFolder = join(folder, 'model')
const data = join(folder, 'data')
const world = {
  folder: data,
  name: 'world',
  seed: worldSeed,
  samples: worldSamples,
  mixture: worldMixture,
  difficulty: worldDifficulty,
}
const quality = {
  folder: data,
  name: 'quality',
  seed: 'quality',
  samples: Math.round(qualitySamples * Math.min(1, Number(values.share))),
}

const runtime = await openRuntime({ device: 'cpu' })
const onFile = (done: number, files: number): void => console.log(`data: ${done} of ${files} files`)
await writeWorldData(runtime, await openComponent('vae', join(modelFolder, 'vae')), world, onFile)
const base = await openModel(await modelFiles(modelFolder), runtime)
await writeQualityData(base, quality, onFile)
const samples = { world: await readDataFiles(world), quality: await readDataFiles(quality) }
const captions = await openCaptions(modelFolder)
const { rank, seed } = config
const learning = adapterModel(base.transformer, { rank, alpha: rank, seed, t5: base.t5, loraMode: 'fused' })
const model = { ...learning, clip: clipInGraph(parametersOf(base.clip.weights), base.clip.config) }
const { averages } = await train({
  runtime,
  config,
  model,
  source: (stage) => referencesSource(stage.name === 'quality' ? samples.quality : samples.world, captions, stage),
  folder: join(folder, 'adapter'),
  weights: 'packed',
  onStep: printEvery(50),
})
await writeDreamo(modelFolder, averages, rank)
await runtime.close()
console.log(`written to ${modelFolder}`)
