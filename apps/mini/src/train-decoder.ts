// `node apps/mini/dist/train-decoder.js --folder F [--share 0.3]`: trains the decoder of F/model/vae on latents that F/model
// paints. Resumes what is there.
import { join } from 'node:path'
import { modelFiles, openComponent, openModel, suitedLoraMode, withLoras } from '@dreamgraph/dreamo'
import { trainDecoder } from './decoder.js'
import { dreamoIn } from './model-folder.js'
import { writePaintedData } from './painted-data.js'
import { runPart } from './part.js'
import { printFile, printMeansEvery } from './progress.js'
import { paintedRequest } from './recipe.js'
import { replaceInVae } from './write-vae.js'

/** Of two pictures: seven minutes on two cores, as long as painting takes. */
const wholeSteps = 1600

await runPart([], async ({ runtime, signal, folder, share }) => {
  const [model, painted] = [join(folder, 'model'), paintedRequest(folder, share)]
  const base = await openModel(await modelFiles(model), runtime)
  const adapted = { ...base, loraMode: suitedLoraMode(base) }
  const painter = await withLoras(adapted, [{ path: dreamoIn(model), weight: 1 }])
  await writePaintedData(painter, painted, { signal, onFile: printFile })
  const vae = join(model, 'vae')
  const steps = Math.max(1, Math.round(wholeSteps * share))
  console.log(`decoder on painted latents: ${steps} steps`)
  const checkpoint = await trainDecoder(runtime, await openComponent('vae', vae), {
    folder: join(folder, 'decoder'),
    painted,
    steps,
    batch: 2,
    seed: 4n,
    peakRate: 5e-4,
    checkpointEvery: 250,
    signal,
    onStep: printMeansEvery(50),
  })
  await replaceInVae(vae, checkpoint)
  console.log(`step ${checkpoint.step}: written to ${vae}`)
})
