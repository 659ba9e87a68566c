import { openRuntime } from '@dreamgraph/runtime'
import { afterAll, expect, it } from 'vitest'
import type { AdapterJob } from './adapter-job.js'
import { tinyConfig, tinyModel, tinySource } from './testing/tiny.mjs'
import { assertMemory, trainingMemory } from './training-memory.js'

const runtime = await openRuntime({ device: 'cpu', threads: 1 })
afterAll(() => runtime.close())

const job: AdapterJob = {
  model: await tinyModel(),
  source: () => tinySource(),
  learnt: () => expect.unreachable(),
}

it('is known for each bucket of each stage; more references take more, and a running mean a little', async () => {
  const needs = await trainingMemory(job, { config: tinyConfig(), runtime })
  expect(needs.map(({ stage, bucket }) => `${stage} ${bucket}`)).toEqual(['tiny one', 'tiny two'])
  const [one, two] = needs
  expect(two!.needBytes).toBeGreaterThan(one!.needBytes)
  const [without] = await trainingMemory(job, { config: tinyConfig({ emaDecay: null }), runtime })
  const values = [...job.model.initial.values()].reduce((sum, { length }) => sum + length, 0)
  expect(one!.needBytes - without!.needBytes).toBe(4 * values)
})

it('must be there before the first step, or both numbers are told', async () => {
  const needs = await trainingMemory(job, { config: tinyConfig(), runtime })
  expect(() => assertMemory(needs)).not.toThrow()
  expect(() => assertMemory(needs, 1000)).toThrow(
    /^stage tiny, two: expected 0\.\d+ GiB of free memory, got 9\.31e-7 GiB$/,
  )
})
