import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decodePicture, encodePicture, openComponent, Sessions } from '@dreamgraph/dreamo'
import { openRuntime, type Runtime } from '@dreamgraph/runtime'
import { renderSample } from '@dreamgraph/world'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AutoencoderRun, trainAutoencoder } from './autoencoder.js'
import { vaeConfig } from './configs.js'
import { cropBatch } from './world-pictures.js'
import { measureLatents, writeMeasuredVae } from './write-vae.js'

let runtime: Runtime
let folder: string
beforeAll(async () => {
  runtime = await openRuntime({ device: 'cpu' })
  folder = await mkdtemp(join(tmpdir(), 'mini-'))
})
afterAll(async () => {
  await runtime.close()
  await rm(folder, { recursive: true, force: true })
})

const run = (name: string, steps: number, more: Partial<AutoencoderRun> = {}): AutoencoderRun => ({
  folder: join(folder, name),
  steps,
  batch: 1,
  size: 32,
  seed: 5n,
  peakRate: 1e-3,
  checkpointEvery: 100,
  ...more,
})

test('a batch is crops of pictures, the same for the same step', () => {
  const ask = { seed: 5n, step: 3, batch: 2, size: 48 }
  const { data } = cropBatch(ask)
  expect(data).toHaveLength(2 * 3 * 48 * 48)
  expect(data.every((x) => x >= -1 && x <= 1)).toBe(true)
  expect(new Set(data).size).toBeGreaterThan(10)
  expect(cropBatch(ask).data).toEqual(data)
  expect(cropBatch({ ...ask, step: 4 }).data).not.toEqual(data)
})

/** A quarter of the layers: what is long in these tests is to open a graph for training. */
const small = {
  ...vaeConfig,
  block_out_channels: [8, 8],
  down_block_types: vaeConfig.down_block_types.slice(0, 2),
  up_block_types: vaeConfig.up_block_types.slice(0, 2),
}

test('training stopped in the middle and taken up again ends where an unbroken one does', {
  timeout: 300_000,
}, async () => {
  const losses: number[] = []
  const whole = await trainAutoencoder(
    runtime,
    run('whole', 4, { shape: small, onStep: ({ values: { absolutes } }) => losses.push(absolutes) }),
  )
  expect(losses).toHaveLength(4)
  expect(losses.every((loss) => loss > 0 && loss < 2)).toBe(true)

  const abort = new AbortController()
  const onStep = ({ step }: { step: number }): void => {
    if (step === 2) abort.abort()
  }
  const half = trainAutoencoder(runtime, run('halves', 4, { shape: small, signal: abort.signal, onStep }))
  await expect(half).rejects.toMatchObject({
    code: 'train/stopped',
    message: 'autoencoder: expected to reach step 4, got stopped after step 2',
  })
  const resumed = await trainAutoencoder(runtime, run('halves', 4, { shape: small }))
  expect(resumed.step).toBe(4)
  for (const [name, { data }] of whole.state) expect(resumed.state.get(name)?.data, name).toEqual(data)
})

test('what was trained opens as FLUX’s VAE, with latents of mean 0 and deviation 1', { timeout: 300_000 }, async () => {
  const trained = await trainAutoencoder(runtime, run('mini', 1))
  // Checkpoints are known by what they always were, so that older ones go on.
  expect(trained.identity).toBe(
    `{"vaeConfig":${JSON.stringify(vaeConfig)},"weights":{"squares":1,"absolutes":0.1,"edges":1,"divergence":0.00005},` +
      '"optimizer":{"betas":[0.9,0.99],"epsilon":1e-8,"weightDecay":0}}',
  )

  const vaeFolder = join(folder, 'vae')
  await writeMeasuredVae(runtime, vaeFolder, trained)
  const model = { vae: await openComponent('vae', vaeFolder), sessions: new Sessions(runtime) }
  const { target } = renderSample({ seed: 'x', index: 0, split: 'test' })
  const latent = await encodePicture(model, { ...target, channels: 3 })
  expect([latent.channels, latent.height, latent.width]).toEqual([16, 16, 16])
  const { width, height } = await decodePicture(model, latent)
  expect([width, height]).toEqual([128, 128])
  const measured = await measureLatents(model, 64)
  expect(measured.scaling_factor).toBeCloseTo(1, 2)
  expect(measured.shift_factor).toBeCloseTo(0, 2)
})
