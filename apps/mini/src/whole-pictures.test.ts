import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openComponent } from '@dreamgraph/dreamo'
import { openRuntime, type Runtime } from '@dreamgraph/runtime'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { changedNames } from './testing/changed-names.js'
import { trainOnPictures } from './whole-pictures.js'
import { pictureBatch } from './world-pictures.js'
import { replaceInVae } from './write-vae.js'

const shipped = fileURLToPath(new URL('../../../models/mini/vae', import.meta.url))
let runtime: Runtime
let folder: string
beforeAll(async () => {
  runtime = await openRuntime({ device: 'cpu' })
  folder = await mkdtemp(join(tmpdir(), 'pictures-'))
})
afterAll(async () => {
  await runtime.close()
  await rm(folder, { recursive: true, force: true })
})

test('a batch is whole pictures, the same for the same step; things count more than what is behind them', () => {
  const ask = { seed: 5n, step: 3, batch: 2 }
  const { data, weights } = pictureBatch(ask)
  expect(data).toHaveLength(2 * 3 * 128 * 128)
  expect(data.every((x) => x >= -1 && x <= 1)).toBe(true)
  expect(weights).toHaveLength(2 * 128 * 128)
  expect(weights.reduce((sum, x) => sum + x, 0) / weights.length).toBeCloseTo(1, 4)
  const most = weights.reduce((a, b) => Math.max(a, b))
  expect(most / weights.reduce((a, b) => Math.min(a, b))).toBeCloseTo(4, 4)
  expect(pictureBatch(ask)).toEqual({ data, weights })
  expect(pictureBatch({ ...ask, step: 4 }).data).not.toEqual(data)
})

test('a reference lies on a corner of every third picture', () => {
  const { data } = pictureBatch({ seed: 5n, step: 0, batch: 12 })
  const isWhite = (picture: number, y: number, x: number): boolean =>
    [0, 1, 2].every((c) => data[((picture * 3 + c) * 128 + y) * 128 + x] === 1)
  const corners = [0, 64].flatMap((y) => [0, 64].map((x) => [y, x] as const))
  // On white: all four corners of the square are.
  const hasReference = (picture: number): boolean =>
    corners.some(([y, x]) => [0, 63].every((dy) => [0, 63].every((dx) => isWhite(picture, y + dy, x + dx))))
  const found = Array.from({ length: 12 }, (_, i) => i).filter(hasReference)
  expect(found.length).toBeGreaterThan(0)
  expect(found.every((picture) => picture % 3 === 0)).toBe(true)
})

test('both halves learn', { timeout: 300_000 }, async () => {
  const vae = join(folder, 'vae')
  await cp(shipped, vae, { recursive: true })
  const before = await openComponent('vae', shipped)
  const squares: number[] = []
  const checkpoint = await trainOnPictures(runtime, before, {
    ...{ steps: 2, batch: 1, seed: 5n, peakRate: 1e-2, checkpointEvery: 100 },
    folder: join(folder, 'run'),
    onStep: ({ values }) => squares.push(values.squares!),
  })
  expect(squares).toHaveLength(2)
  expect(squares.every((value) => value > 0 && value < 0.15)).toBe(true) // as of one that has learnt before
  await replaceInVae(vae, checkpoint)
  const after = await openComponent('vae', vae)
  const changed = await changedNames(before.weights, after.weights)
  for (const half of ['encoder.', 'decoder.']) {
    expect(changed.filter((name) => name.startsWith(half)).length).toBeGreaterThan(10)
  }
})
