// The FLUX-like stack in few bits, in float32 and in torch's bfloat16: times, and how far the outputs are apart.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type QuantizeScheme, Sessions } from '@dreamgraph/dreamo'
import { openRuntime } from '@dreamgraph/runtime'
import { quantizedStack, type StackSize, stackFeeds, stackGraph, writeStack } from '../flux-stack/stack.js'
import { TorchStack } from '../flux-stack/torch.js'
import { alternate, timeMs } from '../measure.js'
import { relativeError } from '../relative-error.js'
import { withScratchFolder } from '../scratch-folder.js'

export interface QuantizedOptions {
  readonly size: StackSize
  readonly schemes: readonly QuantizeScheme[]
  readonly rounds: number
  readonly threads: number
  readonly hasTorch: boolean
}

export type Arm = 'float32' | QuantizeScheme | 'torch'

export interface QuantizedTimes {
  readonly ms: Readonly<Partial<Record<Arm, number>>>
  /** Root mean square of the difference from our float32 output, over that of the output. */
  readonly errors: Readonly<Partial<Record<Arm, number>>>
  /** First opening, in which the file of quantized weights is made, and the second, from path to a session. */
  readonly openMs: Readonly<Record<'first' | 'again', number>>
}

export async function work({ size, schemes, rounds, threads, hasTorch }: QuantizedOptions): Promise<QuantizedTimes> {
  return withScratchFolder(async (folder) => {
    const files = await writeStack(folder, size)
    const values = stackFeeds(files)
    const runtime = await openRuntime({ device: 'cpu', threads })
    const torch = hasTorch ? await TorchStack.open(files, threads, 'flux_stack', 'bfloat16') : undefined
    try {
      const open = async (scheme: QuantizeScheme | 'float32') => {
        const sessions = new Sessions(runtime)
        const isPlain = scheme === 'float32'
        const velocity = isPlain ? await stackGraph(files) : await quantizedStack(files, { scheme, folder, sessions })
        const weights = isPlain ? 'mapped' : 'laid-out'
        const session = await sessions.of(`FLUX stack, ${scheme}`, { velocity }, { weights })
        await session.load()
        return session
      }
      const outputs: Partial<Record<Arm, Float32Array>> = {}
      const arms: Partial<Record<Arm, () => Promise<number>>> = {}
      const openMs = { first: 0, again: 0 }
      openMs.first = await timeMs(() => open('int8'))
      openMs.again = await timeMs(() => open('int8'))
      for (const scheme of ['float32', ...schemes] as const) {
        const session = await open(scheme)
        const run = async (): Promise<Float32Array> => (await session.run(values)).velocity.data as Float32Array
        outputs[scheme] = await run()
        arms[scheme] = () => timeMs(run)
      }
      if (torch) {
        const file = join(folder, 'output.f32')
        await torch.run(file)
        const { buffer, byteOffset, byteLength } = await readFile(file)
        outputs.torch = new Float32Array(buffer, byteOffset, byteLength / 4)
        arms.torch = async () => (await torch.run()).ms
      }
      const exact = outputs.float32!
      const errors = Object.fromEntries(Object.entries(outputs).map(([arm, got]) => [arm, relativeError(got, exact)]))
      return { ms: await alternate(arms as Record<Arm, () => Promise<number>>, rounds), errors, openMs }
    } finally {
      torch?.close()
      await runtime.close()
    }
  })
}
