// `node apps/mini/dist/train-vae.js --folder F [--share 0.3]`: trains the autoencoder and writes F/model/vae. Resumes what is there.
import { join } from 'node:path'
import { openComponent, Sessions } from '@dreamgraph/dreamo'
import { openRuntime } from '@dreamgraph/runtime'
import { trainAutoencoder } from './autoencoder.js'
import { readOptions } from './options.js'
import { measureLatents, writeVae } from './write-vae.js'

/** Of eight 64×64 crops: half an hour on two cores. */
const wholeSteps = 2700
const { folder: place, share } = readOptions()
const abort = new AbortController()
const stop = (): void => abort.abort()
process.once('SIGINT', stop).once('SIGTERM', stop)

const runtime = await openRuntime({ device: 'cpu' })
const recent: Record<string, number>[] = []
const checkpoint = await trainAutoencoder(runtime, {
  folder: join(place, 'vae'),
  steps: Math.max(1, Math.round(wholeSteps * share)),
  batch: 8,
  size: 64,
  seed: 1n,
  peakRate: 2e-3,
  checkpointEvery: 250,
  signal: abort.signal,
  onStep({ step, steps, values, seconds }) {
    recent.push({ ...values, seconds })
    if (step % 50 !== 0) return
    const names = Object.keys(recent[0])
    const means = names.map((name) => `${name} ${(recent.reduce((n, r) => n + r[name], 0) / recent.length).toFixed(4)}`)
    console.log(`step ${step}/${steps}: ${means.join(', ')}`)
    recent.length = 0
  },
})
const folder = join(place, 'model/vae')
await writeVae(folder, checkpoint, { scaling_factor: 1, shift_factor: 0 })
const vae = { vae: await openComponent('vae', folder), sessions: new Sessions(runtime) }
await writeVae(folder, checkpoint, await measureLatents(vae, 64))
await runtime.close()
console.log(`step ${checkpoint.step}: written to ${folder}`)
