// `node apps/mini/dist/train-adapter.js --folder F [--share 0.3] [--from M]`: stages 1 to 3 on the base in F/model. Resumes what is there.
import { join } from 'node:path'
import { openGround, trainAdapterOn } from './adapter.js'
import { dreamoIn, writeDreamo } from './model-folder.js'
import { runPart } from './part.js'
import { printEvery, printFile } from './progress.js'
import { adapterConfig, goingOn, shortened } from './recipe.js'

await runPart(['from'], async ({ runtime, signal, folder, share, from }) => {
  const config = shortened(from ? goingOn(adapterConfig) : adapterConfig, share)
  const ground = await openGround(runtime, folder, { share, signal, onFile: printFile })
  const learnt = await trainAdapterOn(ground, {
    config,
    folder: join(folder, 'adapter'),
    ...(from && { startFile: dreamoIn(from) }),
    signal,
    onStep: printEvery(50),
  })
  await writeDreamo(join(folder, 'model'), learnt, config.rank)
  console.log(`written to ${join(folder, 'model/DreamO')}`)
})
