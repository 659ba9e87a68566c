// `node apps/mini/dist/train-vae.js --folder F [--share 0.3] [--from M]`: trains the autoencoder and writes F/model/vae. Resumes
// what is there. With M all of that model is taken as it is, to go on from.
import { join } from 'node:path'
import { trainAutoencoder } from './autoencoder.js'
import { beginFrom } from './go-on.js'
import { runPart } from './part.js'
import { printMeansEvery } from './progress.js'
import { writeMeasuredVae } from './write-vae.js'

/** Of eight 64×64 crops: half an hour on two cores. */
const wholeSteps = 2700

await runPart(['from'], async ({ runtime, signal, folder: place, share, from }) => {
  if (from) return beginFrom(from, join(place, 'model'))
  const steps = Math.max(1, Math.round(wholeSteps * share))
  console.log(`autoencoder: ${steps} steps`)
  const checkpoint = await trainAutoencoder(runtime, {
    folder: join(place, 'vae'),
    steps,
    batch: 8,
    size: 64,
    seed: 1n,
    peakRate: 2e-3,
    checkpointEvery: 250,
    signal,
    onStep: printMeansEvery(50),
  })
  const folder = join(place, 'model/vae')
  await writeMeasuredVae(runtime, folder, checkpoint)
  console.log(`step ${checkpoint.step}: written to ${folder}`)
})
