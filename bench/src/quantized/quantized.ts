// The FLUX-like stack with quantized weights against itself in float32, torch in bfloat16, and the machine's int8 rate.
import { availableParallelism } from 'node:os'
import type { QuantizeScheme } from '@dreamgraph/dreamo'
import type { Bench, Figure } from '../figure.js'
import { type Hidden, miniSize, stackOperations } from '../flux-stack/stack.js'
import { python, torchVersion } from '../flux-stack/torch.js'
import { inWorker } from '../worker.js'
import type { ProductOptions, ProductTimes } from './products.js'
import type { QuantizedOptions, QuantizedTimes } from './times.js'

const rounds = 7
const tokens = 1024
interface Shape {
  readonly tokens: number
  readonly from: number
  readonly to: number
}

const stacks: readonly Pick<QuantizedOptions, 'size' | 'schemes' | 'rounds'>[] = [
  { size: miniSize, schemes: ['int8'], rounds: 31 },
  { size: { hidden: 1536, tokens }, schemes: ['int8', 'int8-block', 'int4-block'], rounds },
  { size: { hidden: 3072, tokens }, schemes: ['int8', 'int4-block'], rounds: 5 },
]
/** Of FLUX.1's layers; the last is its largest, where the machine is at its best. */
const shapes: readonly Shape[] = [
  { tokens, from: 1536, to: 6144 },
  { tokens, from: 3072, to: 3072 },
  { tokens, from: 3072, to: 12288 },
]

export const quantized: Bench = {
  name: 'quantized',
  title: 'The FLUX-like stack of flux-stack with weights in few bits, and single products at FLUX’s shapes',
  async run() {
    const threads = availableParallelism()
    const version = torchVersion()
    const products = new URL('./products.js', import.meta.url)
    const ofProducts: Figure[] = []
    let rate = 0 // operations a millisecond
    for (const shape of shapes) {
      const ms = await inWorker<ProductOptions, ProductTimes>(products, { ...shape, threads, rounds })
      rate = Math.max(rate, operations(shape) / Math.min(...intWays.map((way) => ms[way]!)))
      ofProducts.push(...productFigures(shape, ms))
    }
    const figures: Figure[] = []
    const differences: string[] = []
    for (const stack of stacks) {
      const { hidden } = stack.size
      const options = { ...stack, threads, hasTorch: version !== undefined }
      const times = await inWorker<QuantizedOptions, QuantizedTimes>(new URL('./times.js', import.meta.url), options)
      figures.push(...stackFigures(times, { ...stack, hidden, version, atRateMs: stackOperations(stack.size) / rate }))
      const errors = Object.entries(times.errors).map(([arm, error]) => `${arm} ${error!.toExponential(1)}`)
      differences.push(`hidden ${hidden}: ${errors.join(', ')}`)
    }
    return {
      setting: [
        `${threads} threads. Differences from our float32 output, of its root mean square, at`,
        ...differences,
        `The machine's int8 rate: ${(rate / 1e6).toFixed(0)} GOP/s, in the fastest of the products.`,
        ...(version ? [] : [`${python} has no torch (another Python: DREAMGRAPH_PYTHON=…): not compared with it`]),
      ],
      figures: [...figures, ...ofProducts],
    }
  },
}

const intWays = ['int8 by row, laid out', 'DynamicQuantizeMatMul, laid out', 'int8 by row, mapped']

const operations = ({ tokens, from, to }: Shape): number => 2 * tokens * from * to

function productFigures({ from, to }: Shape, ms: ProductTimes): Figure[] {
  const value = Math.min(ms['float32, mapped']!, ms['float32, packed']!)
  const yardstick = { name: 'float32', value }
  return Object.entries(ms).flatMap(([way, value]) =>
    way.startsWith('float32') ? [] : [{ what: `${from} → ${to}: ${way}`, value, unit: 'ms' as const, yardstick }],
  )
}

interface StackSetting {
  readonly hidden: Hidden
  readonly schemes: readonly QuantizeScheme[]
  readonly version: string | undefined
  readonly atRateMs: number
}

function stackFigures({ ms, openMs }: QuantizedTimes, { hidden, schemes, version, atRateMs }: StackSetting): Figure[] {
  const step = (scheme: QuantizeScheme): Figure => ({
    what: `${hidden}, one step, ${scheme}`,
    value: ms[scheme]!,
    unit: 'ms',
    yardstick: { name: 'our float32', value: ms.float32! },
    ...(scheme === 'int8' && { goal: { timesBetter: 2.5 } }),
  })
  const int8 = { what: `${hidden}, one step, int8`, value: ms.int8!, unit: 'ms' } as const
  const torch = version && { name: `torch ${version} bfloat16`, value: ms.torch! }
  return [
    step('int8'),
    ...(torch ? [{ ...int8, yardstick: torch, goal: { timesBetter: 1.6 } }] : []),
    { ...int8, yardstick: { name: 'all of it at the int8 rate', value: atRateMs }, goal: { timesBetter: 0.6 } },
    ...schemes.filter((scheme) => scheme !== 'int8').map(step),
    {
      what: `${hidden}, open, quantized before`,
      value: openMs.again,
      unit: 'ms',
      yardstick: { name: 'quantize', value: openMs.first },
    },
  ]
}
