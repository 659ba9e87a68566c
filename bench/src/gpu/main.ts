// `npm run bench:gpu [-- --device webgpu]`: what a GPU does with the reference cases, with FLUX's shapes and with the mini model.
// It measures and does not judge, but for the reference cases, whose tensors have to agree.
import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Device, openRuntime } from '@dreamgraph/runtime'
import { Command, Option } from 'commander'
import type { Figure } from '../figure.js'
import { type Hidden, type StackSize, stackOperations, writeStack } from '../flux-stack/stack.js'
import { machine } from '../machine.js'
import { median, timeMs } from '../measure.js'
import { openMini, paintMini } from '../pipeline/mini.js'
import { relativeError } from '../relative-error.js'
import { withScratchFolder } from '../scratch-folder.js'
import { table } from '../table.js'
import { mib } from '../worker.js'
import { matrixRate } from './rate.js'
import { type Precision, timeStack } from './stacks.js'

const values = new Command('npm run bench:gpu --')
  .description(
    'The reference cases, a step of FLUX-like stacks (one double block, two single ones) in three precisions, and a picture of ' +
      "the mini model, with the share of the device's own rate of matrix products.",
  )
  .addOption(
    new Option('--device <device>', 'cpu to try this out; auto has to find a GPU')
      .choices(['auto', 'webgpu', 'cuda', 'cpu'])
      .default('auto'),
  )
  .addOption(
    new Option('--hidden <size>', '3072 as FLUX.1-dev, 192 as the mini model')
      .choices(['3072', '1536', '192'])
      .default('3072'),
  )
  .option('--tokens <list>', 'lengths of sequences; 4608 is a picture of 1024×1024 with 512 of text', '1024,4608')
  .option('--side <count>', 'rows and columns of the matrices whose rate is measured', Number, 4096)
  .option(
    '--peak <tflops>',
    'what the data sheet says of 16-bit matrix products, to say what share of it they reach',
    Number,
  )
  .option('--rounds <count>', 'of each', Number, 7)
  .option('--no-golden', 'without the reference cases')
  .parse()
  .opts<{
    readonly device: Device | 'auto'
    readonly hidden: string
    readonly tokens: string
    readonly side: number
    readonly peak?: number
    readonly rounds: number
    readonly golden: boolean
  }>()
const { rounds } = values
const hidden = Number(values.hidden) as Hidden
const sizes = values.tokens.split(',').map((tokens): StackSize => ({ hidden, tokens: Number(tokens) }))

const { cores, processor, memoryGiB, node } = machine()
console.log(`${cores} cores (${processor}), ${memoryGiB} GiB, Node ${node}. Ratio: yardstick / ours.`)
const runtime = await openRuntime({ device: values.device })
console.log(`device: ${runtime.deviceLine}`)
if (runtime.device === 'cpu' && values.device !== 'cpu') {
  console.log('skipped: there is no GPU that models can run on')
  await runtime.close()
  process.exit(0)
}

if (values.golden) {
  const golden = fileURLToPath(new URL('../../../test/golden/dist/main.js', import.meta.url))
  const run = spawnSync(process.execPath, [golden, '--device', runtime.device], { encoding: 'utf8' })
  console.log(`reference cases: ${run.stdout.trim().split('\n').at(-1) ?? run.stderr}`)
  if (run.status !== 0) process.exitCode = 1
}

const figures: Figure[] = []
const rates: Partial<Record<'float32' | 'float16', number>> = {}
for (const dtype of ['float32', 'float16'] as const) {
  try {
    rates[dtype] = await matrixRate(runtime, { side: values.side, dtype, rounds })
    const share = values.peak && `, ${((100 * rates[dtype]) / 1e9 / values.peak).toFixed(0)} % of ${values.peak}`
    console.log(`matrix products in ${dtype}: ${(rates[dtype] / 1e9).toPrecision(3)} TFLOP/s${share ?? ''}`)
  } catch (error) {
    console.log(`matrix products in ${dtype}: none, ${(error as Error).message}`)
  }
}

await withScratchFolder(async (folder) => {
  for (const size of sizes) {
    const files = await writeStack(folder, size)
    let exact: Float32Array | undefined
    for (const precision of ['float32', 'fp16', 'int4-block'] satisfies Precision[]) {
      const what = `hidden ${size.hidden}, ${size.tokens} tokens, ${precision}`
      try {
        const { ms, output, deviceBytes } = await timeStack(runtime, files, { precision, folder, rounds })
        exact ??= output
        const rate = rates[precision === 'float32' ? 'float32' : 'float16'] ?? rates.float32
        const yardstick = rate && { name: 'all of it at that rate', value: stackOperations(size) / rate }
        figures.push({ what, value: ms, unit: 'ms', ...(yardstick && { yardstick }) })
        if (deviceBytes !== undefined)
          figures.push({ what: '  its memory on the device', value: mib(deviceBytes), unit: 'MiB' })
        console.log(`${what}: ${(100 * relativeError(output, exact)).toPrecision(2)} % from float32`)
      } catch (error) {
        console.log(`${what}: none, ${(error as Error).message}`)
      }
    }
  }
})

const scene = await openMini(runtime)
const steps: number[] = []
let last = performance.now()
const paint = () =>
  paintMini(scene, () => {
    const now = performance.now()
    steps.push(now - last)
    last = now
  })
await paint()
const pictures: number[] = []
for (let round = 0; round < rounds; round++) {
  steps.length = 0
  pictures.push(await timeMs(paint))
}
figures.push(
  { what: 'mini model, a picture from prompts to pixels', value: median(pictures), unit: 'ms' },
  { what: 'mini model, a step with true guidance', value: median(steps.slice(1)), unit: 'ms' },
)
const { peakRssBytes } = runtime.status()
figures.push({ what: "peak memory of the models' process, on the host", value: mib(peakRssBytes), unit: 'MiB' })
await runtime.close()
console.log(table(figures))

const results = new URL('../../results/', import.meta.url)
mkdirSync(results, { recursive: true })
writeFileSync(new URL('gpu.json', results), `${JSON.stringify({ machine: machine(), rates, figures }, null, 2)}\n`)
