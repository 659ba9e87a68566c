// The decoder's training on latents that the model that ships has painted.
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  encodePicture,
  type Model,
  modelFiles,
  openComponent,
  openModel,
  packLatents,
  suitedLoraMode,
  withLoras,
} from '@dreamgraph/dreamo'
import { openRuntime, type Runtime } from '@dreamgraph/runtime'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readDataFiles } from './data-files.js'
import { trainDecoder } from './decoder.js'
import { dreamoIn } from './model-folder.js'
import { paintedSample, writePaintedData } from './painted-data.js'
import { changedNames } from './testing/changed-names.js'
import { replaceInVae } from './write-vae.js'

const mini = fileURLToPath(new URL('../../../models/mini', import.meta.url))
let runtime: Runtime
let folder: string
let model: Model
beforeAll(async () => {
  runtime = await openRuntime({ device: 'cpu' })
  folder = await mkdtemp(join(tmpdir(), 'decoder-'))
  const base = await openModel(await modelFiles(mini), runtime)
  model = await withLoras({ ...base, loraMode: suitedLoraMode(base) }, [{ path: dreamoIn(mini), weight: 1 }])
})
afterAll(async () => {
  await runtime.close()
  await rm(folder, { recursive: true, force: true })
})

test('latents are painted from pictures that are noised more or less, or not; the decoder alone learns on them', {
  timeout: 300_000,
}, async () => {
  const painted = { folder: join(folder, 'data'), name: 'painted', seed: 'test', samples: 8 }
  await writePaintedData(model, painted)
  const samples = await readDataFiles(painted)
  const offs: number[] = []
  for (let index = 0; index < 8; index++) {
    const { task, target } = paintedSample('test', index)
    expect(samples.words[index]!.task).toBe(task)
    const { data } = await encodePicture(model, { ...target, channels: 3 })
    const clean = packLatents(data, { batch: 1, channels: 16, height: 16, width: 16 })
    const latents = samples.latents(index)
    const off = latents.reduce((sum, x, i) => sum + (x - clean[i]!) ** 2, 0)
    offs.push(Math.sqrt(off / clean.reduce((sum, x) => sum + x * x, 0)))
  }
  // From the fourth step on more is left to the model than from the tenth on; what was not noised is as it was, to 16 bits.
  expect(offs[0]!).toBeGreaterThan(offs[6]!)
  expect(offs[6]!).toBeGreaterThan(0.05)
  expect(offs[0]!).toBeLessThan(1.2)
  expect(offs[7]!).toBeLessThan(1e-3)

  const vae = join(folder, 'vae')
  await cp(join(mini, 'vae'), vae, { recursive: true })
  const before = await openComponent('vae', join(mini, 'vae'))
  const squares: number[] = []
  const checkpoint = await trainDecoder(runtime, before, {
    ...{ painted, steps: 2, batch: 1, seed: 5n, peakRate: 1e-2, checkpointEvery: 100 },
    folder: join(folder, 'run'),
    onStep: ({ values }) => squares.push(values.squares!),
  })
  expect(squares).toHaveLength(2)
  expect(squares.every((value) => value > 0 && value < 0.4)).toBe(true) // latents in the decoder's scale and order
  await replaceInVae(vae, checkpoint)
  const changed = await changedNames(before.weights, (await openComponent('vae', vae)).weights)
  expect(changed.filter((name) => !name.startsWith('decoder.'))).toEqual([])
  expect(changed.length).toBeGreaterThan(10)
})
