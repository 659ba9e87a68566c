// `npm run bench:full-size [-- --folder F --scheme int8 --steps 4]`: FLUX.1-dev at its full size, with random weights, on this
// machine: written once, quantized once, opened, and one picture made. It takes about 50 GB of disk, and its time the first time.
import { statfsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type { QuantizeScheme } from '@dreamgraph/dreamo'
import type { Figure } from '../figure.js'
import { machine } from '../machine.js'
import { table } from '../table.js'
import { inWorker } from '../worker.js'
import { folderBytes, writeFullSize } from './checkpoint.js'
import type { PictureOptions, PictureResult } from './picture.js'

const { values } = parseArgs({
  options: {
    folder: { type: 'string', default: '.dreamgraph/full-size' },
    scheme: { type: 'string', default: 'int8' },
    steps: { type: 'string', default: '4' },
    side: { type: 'string', default: '256' },
    /** Blocks of either kind, and layers of T5: fewer to try this out. */
    doubles: { type: 'string', default: '19' },
    singles: { type: 'string', default: '38' },
    't5-layers': { type: 'string', default: '24' },
  },
})
const folder = resolve(values.folder)
const gb = 1e9
const gib = (bytes: number): number => bytes / 2 ** 30
const goals = { peakGib: 20, openSeconds: 5 }

const { cores, processor, memoryGiB, node } = machine()
console.log(`${cores} cores (${processor}), ${memoryGiB} GiB, Node ${node}.`)
const model = join(folder, 'model')
const sizes = {
  doubles: Number(values.doubles),
  singles: Number(values.singles),
  t5Layers: Number(values['t5-layers']),
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
  scheme: values.scheme as QuantizeScheme,
  steps: Number(values.steps),
  side: Number(values.side),
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
