// `node apps/mini/dist/train-base.js --folder F [--share 0.3] [--from M]`: the data, then stage 0 of the mini model in F/model. Resumes
// what is there.
import { join } from 'node:path'
import { openComponent, parseClipConfig, parseFluxConfig, parseT5Config } from '@dreamgraph/dreamo'
import { baseModel, train } from '@dreamgraph/train'
import { clipConfig, t5Config, transformerConfig } from './configs.js'
import { readDataFiles } from './data-files.js'
import { baseStart } from './go-on.js'
import { openCaptions, writeBase, writeFrame } from './model-folder.js'
import { runPart } from './part.js'
import { printEvery, printFile } from './progress.js'
import { baseConfig, isFixedInBase, shortened, worldRequest } from './recipe.js'
import { wordsSource } from './sources.js'
import { writeWorldData } from './world-data.js'

await runPart(['from'], async ({ runtime, signal, folder, share, from }) => {
  const config = shortened(baseConfig, share)
  const model = join(folder, 'model')
  const world = worldRequest(folder)
  await writeFrame(model)
  await writeWorldData(runtime, await openComponent('vae', join(model, 'vae')), world, { signal, onFile: printFile })
  const data = await readDataFiles(world)
  const captions = await openCaptions(model)
  const base = baseModel(parseFluxConfig(transformerConfig), {
    seed: config.seed,
    text: { t5: parseT5Config(t5Config), clip: parseClipConfig(clipConfig) },
    isFixed: isFixedInBase,
    ...(from && { start: await baseStart(from) }),
  })
  const { averages } = await train({
    runtime,
    config,
    model: base,
    source: (stage) => wordsSource(data, captions, stage),
    folder: join(folder, 'base'),
    signal,
    onStep: printEvery(50),
  })
  await writeBase(model, { values: new Map([...base.fixed, ...averages]), shapes: base.shapes })
  console.log(`written to ${model}`)
})
