// The FLUX-like stack with quantized weights against itself in float32, torch in bfloat16, and the machine's int8 rate.
import { availableParallelism } from 'node:os'
import type { Bench, Figure } from '../figure.js'
import { python, torchVersion } from '../flux-stack/torch.js'
import { inWorker } from '../worker.js'
import type { ProductOptions, ProductTimes } from './products.js'
import type { QuantizedOptions, QuantizedTimes } from './times.js'

const rounds = 7
/** Multiplications and additions of the stack, each counted: 1024 tokens through 149 million weights of linear layers,
 * and attention in three blocks. */
const stackOperations = 193e9
/** The largest product of FLUX.1 at 1024 × 1024: what the machine does at its best. */
const largest = { tokens: 4608, from: 3072, to: 12288 }
const shapes = [
  { tokens: 1024, from: 1536, to: 6144 },
  { tokens: 1024, from: 3072, to: 3072 },
  { tokens: 1024, from: 3072, to: 12288 },
]

export const quantized: Bench = {
  name: 'quantized',
  title: 'The FLUX-like stack of flux-stack with weights in few bits, and single products at FLUX’s shapes',
  async run() {
    const threads = availableParallelism()
    const version = torchVersion()
    const products = new URL('./products.js', import.meta.url)
    const options = { threads, rounds, hasTorch: version !== undefined }
    const stack = await inWorker<QuantizedOptions, QuantizedTimes>(new URL('./times.js', import.meta.url), options)
    const best = await inWorker<ProductOptions, ProductTimes>(products, { ...largest, threads, rounds: 3 })
    const rate = operations(largest) / Math.min(...intWays.map((way) => best[way]!)) // operations a millisecond
    const figures: Figure[] = stackFigures(stack, { version, atRateMs: stackOperations / rate })
    for (const shape of shapes) {
      const ms = await inWorker<ProductOptions, ProductTimes>(products, { ...shape, threads, rounds })
      const float = Math.min(ms['float32, mapped']!, ms['float32, packed']!)
      const size = `${shape.from} → ${shape.to}`
      for (const [way, value] of Object.entries(ms)) {
        if (way.startsWith('float32')) continue
        figures.push({ what: `${size}: ${way}`, value, unit: 'ms', yardstick: { name: 'float32', value: float } })
      }
    }
    const errors = Object.entries(stack.errors).map(([arm, error]) => `${arm} ${error!.toExponential(1)}`)
    return {
      setting: [
        `${threads} threads, ${rounds} rounds. Differences from our float32 output, of its root mean square: ${errors.join(', ')}.`,
        `The machine's int8 rate: ${(rate / 1e6).toFixed(0)} GOP/s, in the fastest product of 4608 tokens, 3072 → 12288.`,
        ...(version ? [] : [`${python} has no torch (another Python: DREAMGRAPH_PYTHON=…): not compared with it`]),
      ],
      figures,
    }
  },
}

const intWays = ['int8 by row, laid out', 'DynamicQuantizeMatMul, laid out', 'int8 by row, mapped']

const operations = ({ tokens, from, to }: { tokens: number; from: number; to: number }): number =>
  2 * tokens * from * to

function stackFigures(
  { ms, openMs }: QuantizedTimes,
  { version, atRateMs }: { version: string | undefined; atRateMs: number },
): Figure[] {
  const step = (scheme: 'int8' | 'int8-block' | 'int4-block'): Figure => ({
    what: `one step, ${scheme}`,
    value: ms[scheme]!,
    unit: 'ms',
    yardstick: { name: 'our float32', value: ms.float32! },
    ...(scheme === 'int8' && { goal: { timesBetter: 2.5 } }),
  })
  const int8 = { what: 'one step, int8', value: ms.int8!, unit: 'ms' } as const
  const torch = version && { name: `torch ${version} bfloat16`, value: ms.torch! }
  return [
    step('int8'),
    ...(torch ? [{ ...int8, yardstick: torch, goal: { timesBetter: 1.6 } }] : []),
    { ...int8, yardstick: { name: 'all of it at the int8 rate', value: atRateMs }, goal: { timesBetter: 0.6 } },
    step('int8-block'),
    step('int4-block'),
    {
      what: 'open, quantized before',
      value: openMs.again,
      unit: 'ms',
      yardstick: { name: 'quantize', value: openMs.first },
    },
  ]
}
