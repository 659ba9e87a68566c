import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openRuntime, type Runtime } from '@dreamgraph/runtime'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { accuraciesOf, judgeProbe } from './accuracy.js'
import { readerNames } from './attributes.js'
import { openProbe } from './probe.js'
import { writeProbe } from './probe-file.js'
import { type ProbeRun, type ProbeStep, trainProbe } from './train-probe.js'

let runtime: Runtime
let folder: string
beforeAll(async () => {
  runtime = await openRuntime({ device: 'cpu' })
  folder = await mkdtemp(join(tmpdir(), 'dreamgraph-probe-'))
})
afterAll(async () => {
  await runtime.close()
  await rm(folder, { recursive: true, force: true })
})

const run = {
  config: { channels: [8, 12, 16], hidden: 32 },
  steps: 12,
  batch: { thing: 4, garment: 4, head: 4, picture: 4 },
  scenes: 12,
  seed: 5n,
  peakRate: 4e-3,
  checkpointEvery: 100,
} as const satisfies Omit<ProbeRun, 'folder'>

const lossOf = ({ losses }: ProbeStep): number => Object.values(losses).reduce((a, b) => a + b)

test('a few steps lower the loss, and a resumed run equals an unbroken one to the byte', async () => {
  const seen: ProbeStep[] = []
  const whole = await trainProbe(runtime, { ...run, folder: join(folder, 'whole'), onStep: (step) => seen.push(step) })
  const first = (lossOf(seen[0]) + lossOf(seen[1])) / 2
  expect((lossOf(seen[10]) + lossOf(seen[11])) / 2).toBeLessThan(first)
  for (const reader of readerNames) expect(seen[0].losses[reader]).toBeGreaterThan(1)

  const abort = new AbortController()
  const broken = { ...run, folder: join(folder, 'broken') }
  const half = await trainProbe(runtime, {
    ...broken,
    signal: abort.signal,
    onStep: ({ step }) => step === 7 && abort.abort(),
  })
  expect(half.step).toBe(7)
  const resumed = await trainProbe(runtime, broken)
  expect(resumed.step).toBe(whole.step)
  expect([...resumed.state.keys()].sort()).toEqual([...whole.state.keys()].sort())
  for (const [name, { data }] of whole.state) expect(resumed.state.get(name)!.data, name).toEqual(data)

  // What was learnt can be written, opened and asked.
  await writeProbe(join(folder, 'probe'), whole, run.config)
  const probe = await openProbe(join(folder, 'probe'), runtime)
  const judged = await judgeProbe(probe, { scenes: 8, seed: 'judge', level: 0 })
  const { picture } = accuraciesOf(judged)
  expect(picture.style.of).toBe(9) // columns are two pictures
  expect(picture.style.right).toBeLessThanOrEqual(1)
})

test('a folder without a probe, or with one for other attributes, is named', async () => {
  await expect(openProbe(join(folder, 'nothing'), runtime)).rejects.toMatchObject({ code: 'eval/probe-invalid' })
})
