// The rate of a device's matrix products, as onnxruntime gets them out of it: the measure of everything else.
import { join } from 'node:path'
import { cast, emit, graph, input, linear, memoryOf, mul, sum, weight } from '@dreamgraph/onnx'
import type { Runtime } from '@dreamgraph/runtime'
import { openSafetensors, writeSafetensors } from '@dreamgraph/weights'
import { median, timeMs } from '../measure.js'
import { uniform } from '../random-values.js'
import { withScratchFolder } from '../scratch-folder.js'

export interface RateOptions {
  /** Rows and columns of both factors. */
  readonly side: number
  readonly dtype: 'float32' | 'float16'
  readonly rounds: number
}

/** Products one after another in a run, so that what a run costs apart from them does not count. */
const chain = 16

/** Multiplications and additions, each counted, a millisecond. */
export function matrixRate(runtime: Runtime, { side, dtype, rounds }: RateOptions): Promise<number> {
  return withScratchFolder(async (folder) => {
    const file = join(folder, 'square.safetensors')
    const shape = [side, side]
    const data = uniform(side * side, { bound: Math.sqrt(3 / side), seed: 1 }) // products keep the size of their factor
    await writeSafetensors(file, [{ name: 'square', dtype: dtype === 'float16' ? 'F16' : 'F32', shape, data }])
    const { parts } = (await openSafetensors(file)).tensors.get('square')!
    const square = weight('square', dtype, shape, parts)
    // Both factors lie on the device; a factor of 1 comes with each run, so that nothing is known before.
    let y = mul(square, cast(input('one', [1]), dtype))
    for (let i = 0; i < chain; i++) y = linear(y, square)
    const model = graph('matrix rate', { total: sum(cast(y, 'float32'), { axes: [0, 1] }) })
    const source = { name: model.name, bytes: emit(model), ...memoryOf(model) }
    const session = runtime.session(source, { weights: 'mapped', keepMemory: true })
    try {
      const run = () => session.run({ one: { dtype: 'float32', shape: [1], data: Float32Array.of(1) } })
      await run()
      const times: number[] = []
      for (let round = 0; round < rounds; round++) times.push(await timeMs(run))
      return (chain * 2 * side ** 3) / median(times)
    } finally {
      await session.release()
    }
  })
}
