// `npm run train:probe -- [--steps N] [--minutes M] [--folder DIR]`: trains the probe and writes models/mini/probe.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { openRuntime } from '@dreamgraph/runtime'
import { accuraciesOf, judgeProbe } from './probe/accuracy.js'
import { openProbe } from './probe/probe.js'
import { writeProbe } from './probe/probe-file.js'
import { type ProbeStep, trainProbe } from './probe/train-probe.js'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const { values } = parseArgs({
  options: {
    steps: { type: 'string', default: '3500' },
    minutes: { type: 'string', default: '60' },
    folder: { type: 'string', default: join(root, '.dreamgraph/mini/probe') },
    output: { type: 'string', default: join(root, 'models/mini/probe') },
  },
})
/** 336,000 weights a reader: with all four in bfloat16 2.6 MB. */
const config = { channels: [24, 48, 80], hidden: 128 } as const
const scenesToJudge = 1200

const abort = new AbortController()
const stop = (): void => abort.abort()
process.once('SIGINT', stop).once('SIGTERM', stop)
setTimeout(stop, Number(values.minutes) * 60_000).unref()

const runtime = await openRuntime({ device: 'cpu' })
const recent: ProbeStep[] = []
const checkpoint = await trainProbe(runtime, {
  config,
  folder: values.folder,
  steps: Number(values.steps),
  batch: { thing: 24, garment: 16, head: 32, picture: 12 }, // faces have most to learn
  scenes: 8000,
  seed: 1n,
  peakRate: 2e-3,
  checkpointEvery: 250,
  signal: abort.signal,
  onStep(report) {
    recent.push(report)
    if (report.step % 50 !== 0) return
    const mean = (of: (one: ProbeStep) => number): string =>
      (recent.reduce((n, one) => n + of(one), 0) / recent.length).toFixed(3)
    const losses = Object.keys(report.losses).map((name) => {
      return `${name} ${mean((one) => one.losses[name as keyof typeof one.losses])}`
    })
    const others = `gradient ${mean((one) => one.gradientNorm)}, ${mean((one) => one.seconds)} s`
    console.log(`step ${report.step}/${values.steps}: ${losses.join(', ')}, ${others}`)
    recent.length = 0
  },
})
if (!abort.signal.aborted) {
  await writeProbe(values.output, checkpoint, config)
  const probe = await openProbe(values.output, runtime)
  const accuracy = {
    onTheGrid: accuraciesOf(await judgeProbe(probe, { scenes: scenesToJudge, seed: 'probe accuracy', level: 0 })),
    loosened: accuraciesOf(await judgeProbe(probe, { scenes: scenesToJudge, seed: 'probe accuracy', level: 1 })),
  }
  await writeFile(join(values.output, 'accuracy.json'), `${JSON.stringify(accuracy, null, 2)}\n`)
  console.log(`step ${checkpoint.step}: written to ${values.output}`)
}
await runtime.close()
