// `node apps/mini/dist/train-pictures.js --folder F [--share 0.3]`: trains the autoencoder of F/model/vae on whole pictures.
// Resumes what is there.
import { join } from 'node:path'
import { openComponent } from '@dreamgraph/dreamo'
import { runPart } from './part.js'
import { printMeansEvery } from './progress.js'
import { trainOnPictures } from './whole-pictures.js'
import { writeMeasuredVae } from './write-vae.js'

/** Of two pictures: twenty minutes on two cores. */
const wholeSteps = 3200

await runPart([], async ({ runtime, signal, folder: place, share }) => {
  const vae = join(place, 'model/vae')
  const steps = Math.max(1, Math.round(wholeSteps * share))
  console.log(`autoencoder on whole pictures: ${steps} steps`)
  const checkpoint = await trainOnPictures(runtime, await openComponent('vae', vae), {
    folder: join(place, 'pictures'),
    steps,
    batch: 2,
    seed: 3n,
    peakRate: 1e-3,
    checkpointEvery: 250,
    signal,
    onStep: printMeansEvery(50),
  })
  await writeMeasuredVae(runtime, vae, checkpoint)
  console.log(`step ${checkpoint.step}: written to ${vae}`)
})
