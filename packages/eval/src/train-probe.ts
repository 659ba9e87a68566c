// `npm run train:probe -- [--minutes M] [--folder DIR]`: trains the probe, reader by reader, and
// writes models/mini/probe.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { openRuntime } from '@dreamgraph/runtime'
import type { Checkpoint } from '@dreamgraph/train'
import { accuraciesOf, judgeProbe } from './probe/accuracy.js'
import { type ReaderName, readerNames } from './probe/attributes.js'
import type { ProbeConfig } from './probe/network.js'
import { openProbe } from './probe/probe.js'
import { writeProbe } from './probe/probe-file.js'
import { type ReaderStep, trainReader } from './probe/train-reader.js'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    folder: { type: 'string', default: join(root, '.dreamgraph/mini/probe') },
    output: { type: 'string', default: join(root, 'models/mini/probe') },
  },
})

/** 1.4 M weights together: 2.8 MB in bfloat16. */
const config: ProbeConfig = {
  thing: { channels: [24, 48, 80], hidden: 128 },
  garment: { channels: [24, 48, 64], hidden: 96 },
  head: { channels: [24, 48, 80], hidden: 96 },
  face: { channels: [24, 64, 80], hidden: 96 },
  picture: { channels: [24, 48, 64], hidden: 64 },
}
const runs: Readonly<Record<ReaderName, { steps: number; batch: number }>> = {
  face: { steps: 2600, batch: 32 },
  thing: { steps: 2400, batch: 32 },
  head: { steps: 1300, batch: 32 },
  garment: { steps: 900, batch: 32 },
  picture: { steps: 800, batch: 16 },
}
const scenesToJudge = 640

const abort = new AbortController()
const stop = (): void => abort.abort()
process.once('SIGINT', stop).once('SIGTERM', stop)
setTimeout(stop, Number(values.minutes) * 60_000).unref()

const runtime = await openRuntime({ device: 'cpu' })
const states: Checkpoint[] = []
for (const [reader, { steps, batch }] of Object.entries(runs) as [ReaderName, (typeof runs)[ReaderName]][]) {
  const recent: ReaderStep[] = []
  const state = await trainReader(runtime, {
    reader,
    config: config[reader],
    folder: join(values.folder, reader),
    steps,
    batch,
    scenes: 8000,
    seed: 1n,
    peakRate: 2e-3,
    checkpointEvery: 250,
    signal: abort.signal,
    onStep(report) {
      recent.push(report)
      if (report.step % 50 !== 0) return
      const mean = (of: (one: ReaderStep) => number): string =>
        (recent.reduce((n, one) => n + of(one), 0) / recent.length).toFixed(3)
      const losses = `loss ${mean(({ loss }) => loss)}, gradient ${mean(({ gradientNorm }) => gradientNorm)}`
      console.log(`${reader}, step ${report.step}/${steps}: ${losses}, ${mean(({ seconds }) => seconds)} s`)
      recent.length = 0
    },
  })
  states.push(state)
}
if (!abort.signal.aborted) {
  await writeProbe(values.output, states, config)
  const probe = await openProbe(values.output, runtime)
  const judge = async (level: number) =>
    accuraciesOf(await judgeProbe(probe, { scenes: scenesToJudge, seed: 'probe accuracy', level }))
  const accuracy = { onTheGrid: await judge(0), loosened: await judge(1) }
  await writeFile(join(values.output, 'accuracy.json'), `${JSON.stringify(accuracy, null, 2)}\n`)
  console.log(`${readerNames.join(', ')}: written to ${values.output}`)
}
await runtime.close()
