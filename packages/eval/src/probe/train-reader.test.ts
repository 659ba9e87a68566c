import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openRuntime, type Runtime } from '@dreamgraph/runtime'
import type { WholeStep } from '@dreamgraph/train'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { accuraciesOf, judgeProbe } from './accuracy.js'
import { readerNames } from './attributes.js'
import type { ProbeConfig } from './network.js'
import { openProbe } from './probe.js'
import { type ProbeValues, readerValues, readReaderValues, writeProbe } from './probe-file.js'
import { type ReaderRun, trainReader } from './train-reader.js'

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

const config = { channels: [8, 16, 16], hidden: 32 } as const
const run = {
  reader: 'garment',
  config,
  steps: 12,
  batch: 6,
  scenes: 12,
  seed: 5n,
  peakRate: 4e-3,
  checkpointEvery: 100,
} as const satisfies Omit<ReaderRun, 'folder'>

test('a few steps lower the loss, and a resumed run equals an unbroken one to the byte', async () => {
  const seen: number[] = []
  const whole = await trainReader(runtime, {
    ...run,
    folder: join(folder, 'whole'),
    onStep: ({ values: { loss } }) => seen.push(loss!),
  })
  expect((seen[10] + seen[11]) / 2).toBeLessThan((seen[0] + seen[1]) / 2)

  const abort = new AbortController()
  const broken = { ...run, folder: join(folder, 'broken') }
  const onStep = ({ step }: WholeStep): unknown => step === 7 && abort.abort()
  await expect(trainReader(runtime, { ...broken, signal: abort.signal, onStep })).rejects.toMatchObject({
    code: 'train/stopped',
    message: 'probe, garment: expected to reach step 12, got stopped after step 7',
  })
  const resumed = await trainReader(runtime, broken)
  expect(resumed.step).toBe(whole.step)
  expect([...resumed.state.keys()].sort()).toEqual([...whole.state.keys()].sort())
  for (const [name, { data }] of whole.state) expect(resumed.state.get(name)!.data, name).toEqual(data)
})

test('checkpoints are known by all that their numbers depend on', async () => {
  const { identity } = await trainReader(runtime, { ...run, steps: 1, folder: join(folder, 'known') })
  expect(identity).toBe(
    '{"reader":"garment","config":{"channels":[8,16,16],"hidden":32},' +
      '"optimizer":{"betas":[0.9,0.99],"epsilon":1e-8,"weightDecay":0.02},"emaDecay":0.998,"batch":6,"scenes":12,' +
      '"recolouredShare":0.4,"schedule":{"peak":0.004,"warmupSteps":100,"decay":"cosine","floor":0.01,"steps":1},"seed":"5"}',
  )
})

test('what was learnt can be written, opened and asked', async () => {
  const parts: ProbeValues[] = []
  for (const reader of readerNames) {
    parts.push(readerValues(await trainReader(runtime, { ...run, reader, steps: 1, folder: join(folder, reader) })))
  }
  const networks = Object.fromEntries(readerNames.map((reader) => [reader, config])) as unknown as ProbeConfig
  await writeProbe(join(folder, 'probe'), parts, networks)
  const judged = await judgeProbe(await openProbe(join(folder, 'probe'), runtime), {
    scenes: 8,
    seed: 'judge',
    level: 0,
  })
  const { picture } = accuraciesOf(judged)
  expect(picture.style.of).toBe(9) // columns are two pictures
  expect(picture.style.right).toBeLessThanOrEqual(1)

  const start = valuesOf(await readReaderValues(join(folder, 'probe'), 'garment'))
  const on = await trainReader(runtime, { ...run, start, steps: 1, folder: join(folder, 'on') })
  const learnt = valuesOf(readerValues(on))
  expect([...learnt.keys()].sort()).toEqual([...start.keys()].sort())
  const most = (values: Float32Array) => values.reduce((a, value) => Math.max(a, Math.abs(value)), 0)
  for (const [name, values] of learnt) {
    const off = values.map((value, i) => value - start.get(name)![i]!)
    expect(most(off), name).toBeLessThan(1e-3) // one step of the warm-up away
  }
})

const valuesOf = (values: ProbeValues): Map<string, Float32Array> =>
  new Map([...values].map(([name, { data }]) => [name, data]))

test('a folder without a probe, or with one for other attributes, is named', async () => {
  await expect(openProbe(join(folder, 'nothing'), runtime)).rejects.toMatchObject({
    code: 'eval/probe-invalid',
    message: `${join(folder, 'nothing/config.json')}: expected a trained probe (npm run train:probe makes one), got ENOENT`,
  })
})
