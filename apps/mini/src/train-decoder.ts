// `node apps/mini/dist/train-decoder.js --folder F [--share 0.3]`: trains the decoder of F/model/vae on whole pictures. Resumes what
// is there; once trained, nothing is left to do.
import { join } from 'node:path'
import { openComponent } from '@dreamgraph/dreamo'
import { trainDecoder } from './decoder.js'
import { runPart } from './part.js'
import { printMeansEvery } from './progress.js'
import { replaceInVae } from './write-vae.js'

/** Of two pictures: a quarter of an hour on two cores. */
const wholeSteps = 3000

await runPart(async ({ runtime, signal, folder: place, share }) => {
  const vae = join(place, 'model/vae')
  const steps = Math.max(1, Math.round(wholeSteps * share))
  console.log(`decoder: ${steps} steps`)
  const checkpoint = await trainDecoder(runtime, await openComponent('vae', vae), {
    folder: join(place, 'decoder'),
    steps,
    batch: 2,
    seed: 3n,
    peakRate: 1e-3,
    checkpointEvery: 250,
    signal,
    onStep: printMeansEvery(50),
  })
  await replaceInVae(vae, checkpoint)
  console.log(`step ${checkpoint.step}: written to ${vae}`)
})
