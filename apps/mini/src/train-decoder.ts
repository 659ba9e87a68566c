// `node apps/mini/dist/train-decoder.js --folder F [--share 0.3]`: trains the decoder of F/model/vae on whole pictures. Resumes what
// is there; once trained, nothing is left to do.
import { access, copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openComponent } from '@dreamgraph/dreamo'
import { makeFolder } from '@dreamgraph/store'
import { trainDecoder } from './decoder.js'
import { runPart } from './part.js'
import { printMeansEvery } from './progress.js'
import { replaceInVae } from './write-vae.js'

/** Of two pictures: a quarter of an hour on two cores. */
const wholeSteps = 3000

await runPart(async ({ runtime, signal, folder: place, share }) => {
  const [vae, folder] = [join(place, 'model/vae'), join(place, 'decoder')]
  const start = join(folder, 'start')
  // It starts from the autoencoder as it was, however often it is resumed.
  for (const file of ['config.json', 'diffusion_pytorch_model.safetensors']) {
    const isThere = await access(join(start, file)).then(
      () => true,
      () => false,
    )
    await makeFolder(start)
    if (!isThere) await copyFile(join(vae, file), join(start, file))
  }
  const steps = Math.max(1, Math.round(wholeSteps * share))
  console.log(`decoder: ${steps} steps`)
  const checkpoint = await trainDecoder(runtime, await openComponent('vae', start), {
    folder,
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
