// `node apps/mini/dist/train-vae.js [--steps N] [--minutes M]`: trains the autoencoder and writes models/mini/vae.
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { openRuntime } from '@dreamgraph/runtime'
import { trainAutoencoder } from './autoencoder.js'
import { writeVae } from './write-vae.js'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const { values } = parseArgs({
  options: {
    steps: { type: 'string', default: '12000' },
    minutes: { type: 'string', default: '360' },
    batch: { type: 'string', default: '8' },
    size: { type: 'string', default: '64' },
    rate: { type: 'string', default: '0.002' },
    folder: { type: 'string', default: join(root, '.dreamgraph/mini/vae') },
  },
})
const abort = new AbortController()
const stop = (): void => abort.abort()
process.once('SIGINT', stop).once('SIGTERM', stop)
setTimeout(stop, Number(values.minutes) * 60_000).unref()

const runtime = await openRuntime({ device: 'cpu' })
const recent: Record<string, number>[] = []
const checkpoint = await trainAutoencoder(runtime, {
  folder: values.folder,
  steps: Number(values.steps),
  batch: Number(values.batch),
  size: Number(values.size),
  seed: 1n,
  peakRate: Number(values.rate),
  checkpointEvery: 250,
  signal: abort.signal,
  onStep({ step, steps, losses, seconds }) {
    recent.push({ ...losses, seconds })
    if (step % 50 !== 0) return
    const names = Object.keys(recent[0])
    const means = names.map((name) => `${name} ${(recent.reduce((n, r) => n + r[name], 0) / recent.length).toFixed(4)}`)
    console.log(`step ${step}/${steps}: ${means.join(', ')}`)
    recent.length = 0
  },
})
await runtime.close()
await writeVae(join(values.folder, 'export'), checkpoint, { scaling_factor: 1, shift_factor: 0 })
console.log(`step ${checkpoint.step}: written to ${join(values.folder, 'export')}`)
