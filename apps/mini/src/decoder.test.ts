import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openComponent } from '@dreamgraph/dreamo'
import { openRuntime, type Runtime } from '@dreamgraph/runtime'
import { toFloat32 } from '@dreamgraph/weights'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { trainDecoder } from './decoder.js'
import { pictureBatch } from './world-crops.js'
import { replaceInVae } from './write-vae.js'

const shipped = fileURLToPath(new URL('../../../models/mini/vae', import.meta.url))
let runtime: Runtime
let folder: string
beforeAll(async () => {
  runtime = await openRuntime({ device: 'cpu' })
  folder = await mkdtemp(join(tmpdir(), 'decoder-'))
})
afterAll(async () => {
  await runtime.close()
  await rm(folder, { recursive: true, force: true })
})

test('a batch is whole pictures, the same for the same step', () => {
  const ask = { seed: 5n, step: 3, batch: 2 }
  const data = pictureBatch(ask)
  expect(data).toHaveLength(2 * 3 * 128 * 128)
  expect(data.every((x) => x >= -1 && x <= 1)).toBe(true)
  expect(pictureBatch(ask)).toEqual(data)
  expect(pictureBatch({ ...ask, step: 4 })).not.toEqual(data)
})

test('the decoder learns, the encoder stays: latents of before are still right', { timeout: 300_000 }, async () => {
  const vae = join(folder, 'vae')
  await cp(shipped, vae, { recursive: true })
  const before = await openComponent('vae', shipped)
  const run = { folder: join(folder, 'run'), steps: 2, batch: 1, seed: 5n, peakRate: 1e-2, checkpointEvery: 100 }
  const squares: number[] = []
  const checkpoint = await trainDecoder(runtime, before, {
    ...run,
    onStep: ({ values }) => squares.push(values.squares!),
  })
  expect(squares).toHaveLength(2)
  expect(squares.every((value) => value > 0 && value < 0.1)).toBe(true) // as of a decoder that has learnt before
  await replaceInVae(vae, checkpoint)
  const after = await openComponent('vae', vae)
  expect([...after.weights.keys()].sort()).toEqual([...before.weights.keys()].sort())
  const isChanged = async (name: string): Promise<boolean> => {
    const [was, is] = await Promise.all([before, after].map(({ weights }) => toFloat32(weights.get(name)!)))
    return was!.some((value, i) => value !== is![i])
  }
  const names = [...before.weights.keys()]
  const changed = await Promise.all(names.map(isChanged))
  expect(names.filter((name, i) => changed[i] && !name.startsWith('decoder.'))).toEqual([])
  expect(names.filter((_, i) => changed[i]).length).toBeGreaterThan(10)
})
