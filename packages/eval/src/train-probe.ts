// `npm run train:probe -- [--minutes M] [--folder DIR] [--from PROBE] [--only thing,head]`: trains the probe, reader by reader, and
// writes models/mini/probe. With a trained probe to go on from, readers that are not named stay as they are.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isDeepStrictEqual } from 'node:util'
import { openRuntime } from '@dreamgraph/runtime'
import { type Checkpoint, TrainError, type WholeStep } from '@dreamgraph/train'
import { Command, InvalidArgumentError } from 'commander'
import { accuraciesOf, judgeProbe } from './probe/accuracy.js'
import { type ReaderName, readerNames } from './probe/attributes.js'
import type { ProbeConfig } from './probe/network.js'
import { openProbe } from './probe/probe.js'
import { openProbeFiles, type ProbeValues, readerValues, readReaderValues, writeProbe } from './probe/probe-file.js'
import { trainReader } from './probe/train-reader.js'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const values = new Command('npm run train:probe --')
  .description(
    'Trains the probe, reader by reader, and writes it; stopped or killed, the same command goes on where it was.',
  )
  .option('--minutes <count>', 'to stop after', readMinutes, 60)
  .option('--folder <folder>', 'for checkpoints', join(root, '.dreamgraph/mini/probe'))
  .option('--from <probe>', 'a trained probe to go on from')
  .option(
    '--only <list>',
    'with --from: the readers to train on (anew where their networks changed size); the others stay',
    readerNames.join(','),
  )
  .option('--output <folder>', 'where it is written', join(root, 'models/mini/probe'))
  .parse()
  .opts<{
    readonly minutes: number
    readonly folder: string
    readonly from?: string
    readonly only: string
    readonly output: string
  }>()

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
  head: { steps: 2000, batch: 32 },
  garment: { steps: 2000, batch: 32 },
  picture: { steps: 2000, batch: 16 },
}
const scenesToJudge = 640

const abort = new AbortController()
const stop = (): void => abort.abort()
process.once('SIGINT', stop).once('SIGTERM', stop)
setTimeout(stop, values.minutes * 60_000).unref()

const runtime = await openRuntime({ device: 'cpu' })
try {
  await makeProbe()
} catch (error) {
  if (!(error instanceof TrainError && error.code === 'train/stopped')) throw error
  console.error(`${error.message}; the same command goes on`)
  process.exitCode = 130 // as of every command that was stopped
} finally {
  await runtime.close()
}

function readMinutes(text: string): number {
  if (Number(text) > 0) return Number(text)
  throw new InvalidArgumentError('expected a number above 0')
}

async function makeProbe(): Promise<void> {
  const chosen = values.only.split(',')
  if (values.only !== readerNames.join(',') && values.from === undefined) {
    throw new Error('--only: expected --from beside it, which the other readers are taken from')
  }
  const unknown = chosen.find((name) => !(readerNames as string[]).includes(name))
  if (unknown !== undefined) throw new Error(`--only: expected some of ${readerNames}, got ${unknown}`)
  const known = new Map<ReaderName, ProbeValues | undefined>()
  for (const reader of readerNames) known.set(reader, await knownValues(reader))
  const anew = readerNames.find((reader) => values.from !== undefined && !known.get(reader) && !chosen.includes(reader))
  if (anew) throw new Error(`--only: expected ${anew} among them, whose network is of another size in ${values.from}`)
  const parts: ProbeValues[] = []
  for (const reader of Object.keys(runs) as ReaderName[]) {
    const start = known.get(reader)
    parts.push(start && !chosen.includes(reader) ? start : readerValues(await trainOne(reader, start)))
  }
  await writeProbe(values.output, parts, config)
  const probe = await openProbe(values.output, runtime)
  const judge = async (level: number) =>
    accuraciesOf(await judgeProbe(probe, { scenes: scenesToJudge, seed: 'probe accuracy', level }))
  const accuracy = { onTheGrid: await judge(0), loosened: await judge(1) }
  await writeFile(join(values.output, 'accuracy.json'), `${JSON.stringify(accuracy, null, 2)}\n`)
  console.log(`${readerNames.join(', ')}: written to ${values.output}`)
}

/** Of the probe to go on from; undefined without one, and where its network is of another size: that reader starts anew. */
async function knownValues(reader: ReaderName): Promise<ProbeValues | undefined> {
  if (values.from === undefined) return undefined
  const { config: networks } = await openProbeFiles(values.from)
  return isDeepStrictEqual(networks[reader], config[reader]) ? readReaderValues(values.from, reader) : undefined
}

function trainOne(reader: ReaderName, known: ProbeValues | undefined): Promise<Checkpoint> {
  const recent: WholeStep[] = []
  return trainReader(runtime, {
    ...runs[reader],
    reader,
    config: config[reader],
    ...(known && { start: new Map([...known].map(([name, { data }]) => [name, data])) }),
    folder: join(values.folder, known ? `${reader}-on` : reader),
    scenes: 8000,
    seed: 1n,
    peakRate: known ? 1e-3 : 2e-3,
    checkpointEvery: 250,
    signal: abort.signal,
    onStep(report) {
      recent.push(report)
      const { step, steps } = report
      if (step % 50 !== 0) return
      const mean = (of: (one: WholeStep) => number): string =>
        (recent.reduce((n, one) => n + of(one), 0) / recent.length).toFixed(3)
      const [loss, gradient] = [mean((one) => one.values.loss), mean((one) => one.values.gradientNorm)]
      console.log(
        `${reader}, step ${step}/${steps}: loss ${loss}, gradient ${gradient}, ${mean(({ seconds }) => seconds)} s`,
      )
      recent.length = 0
    },
  })
}
