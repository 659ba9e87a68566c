// `npm run bench:full-size [-- --folder F --scheme int8 --steps 4]`: FLUX.1-dev at its full size, with random weights, on this
// machine: written once, quantized once, opened, and one picture made. It takes about 50 GB of disk, and its time the first time.
import { statfsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type QuantizeScheme, quantizeSchemes } from '@dreamgraph/dreamo'
import { Command, Option } from 'commander'
import type { Figure } from '../figure.js'
import { machine } from '../machine.js'
import { table } from '../table.js'
import { inWorker } from '../worker.js'
import { folderBytes, writeFullSize } from './checkpoint.js'
import type { PictureOptions, PictureResult } from './picture.js'

const values = new Command('npm run bench:full-size --')
  .description(
    "FLUX.1-dev's shapes with random weights: written once, quantized once, opened, and one picture made. 50 GB of disk.",
  )
  .option('--folder <folder>', 'where the checkpoint and its quantized weights lie', '.dreamgraph/full-size')
  .addOption(new Option('--scheme <scheme>', 'of the transformer').choices(quantizeSchemes).default('int8'))
  .option('--steps <count>', 'of the sampler', Number, 4)
  .option('--side <pixels>', 'of the picture', Number, 256)
  .option('--doubles <count>', 'double blocks, fewer to try this out', Number, 19)
  .option('--singles <count>', 'single blocks', Number, 38)
  .option('--t5-layers <count>', 'layers of T5', Number, 24)
  .parse()
  .opts<{
    readonly folder: string
    readonly scheme: QuantizeScheme
    readonly steps: number
    readonly side: number
    readonly doubles: number
    readonly singles: number
    readonly t5Layers: number
  }>()
const folder = resolve(values.folder)
const gb = 1e9
const gib = (bytes: number): number => bytes / 2 ** 30
const goals = { peakGib: 20, openSeconds: 5 }

const { cores, processor, memoryGiB, node } = machine()
console.log(`${cores} cores (${processor}), ${memoryGiB} GiB, Node ${node}.`)
const model = join(folder, 'model')
const sizes = {
  doubles: values.doubles,
  singles: values.singles,
  t5Layers: values.t5Layers,
}
const written = await writeFullSize(model, sizes, (line) => console.log(line))
const { bavail, bsize } = statfsSync(folder)
console.log(
  `${written.parameters.toExponential(3)} parameters in the transformer, ${(written.bytes / gb).toFixed(1)} GB on disk` +
    `${written.seconds > 0 ? `, written in ${written.seconds.toFixed(0)} s` : ''}; ${((bavail * bsize) / gb).toFixed(0)} GB free`,
)

const options = {
  model,
  home: join(folder, 'home'),
  scheme: values.scheme,
  steps: values.steps,
  side: values.side,
} satisfies PictureOptions
const run = (steps: number) =>
  inWorker<PictureOptions, PictureResult>(new URL('./picture.js', import.meta.url), { ...options, steps })
// Once to quantize, which only happens where it has not been done, and then as it is from then on.
const first = await run(0)
const result = await run(options.steps)
const figures: Figure[] = [
  { what: 'open for the first time: hash and quantize', value: first.openSeconds, unit: 's' },
  { what: 'open', value: result.openSeconds, unit: 's', goal: { atMost: goals.openSeconds } },
  { what: 'encode the prompt (T5, CLIP)', value: result.textSeconds, unit: 's' },
  { what: 'encode the reference', value: result.referenceSeconds, unit: 's' },
  { what: 'first step', value: result.stepSeconds[0]!, unit: 's' },
  { what: `a step of ${result.tokens} tokens, median of the others`, value: result.medianStepSeconds, unit: 's' },
  { what: 'decode the picture', value: result.decodeSeconds, unit: 's' },
  { what: 'peak resident memory', value: gib(result.peakBytes), unit: 'GiB', goal: { atMost: goals.peakGib } },
  { what: 'of it not given to any file', value: gib(result.peakAnonymousBytes), unit: 'GiB' },
  { what: 'swapped out meanwhile', value: result.swappedMib, unit: 'MiB', goal: { atMost: 0 } },
  { what: 'quantized weights on disk', value: gib(await folderBytes(options.home)), unit: 'GiB' },
]
console.log(`${options.scheme}, ${options.side}×${options.side}, one reference, ${options.steps} steps`)
console.log(table(figures))
