// A step of the FLUX-like stack on a device, as it is stored and in fewer bits.
import { type QuantizeScheme, Sessions } from '@dreamgraph/dreamo'
import type { Runtime } from '@dreamgraph/runtime'
import { quantizedStack, type StackFiles, stackFeeds, stackGraph } from '../flux-stack/stack.js'
import { median, timeMs } from '../measure.js'
import { deviceMemoryBytes } from './device-memory.js'

export type Precision = 'float32' | Extract<QuantizeScheme, 'fp16' | 'int4-block'>

export interface StackStep {
  readonly ms: number
  /** More in use on the device than before it was opened; undefined where nobody knows. */
  readonly deviceBytes: number | undefined
  readonly output: Float32Array
}

/** Opens the stack, runs it `rounds` times after one to warm up, and closes it. `folder` keeps what is quantized. */
export async function timeStack(
  runtime: Runtime,
  files: StackFiles,
  { precision, folder, rounds }: { readonly precision: Precision; readonly folder: string; readonly rounds: number },
): Promise<StackStep> {
  const before = deviceMemoryBytes()
  const sessions = new Sessions(runtime)
  const isPlain = precision === 'float32'
  const velocity = isPlain
    ? await stackGraph(files)
    : await quantizedStack(files, { scheme: precision, folder, sessions })
  const weights = precision === 'int4-block' ? 'laid-out' : 'mapped'
  const session = await sessions.of(`FLUX stack, ${precision}`, { velocity }, { weights })
  try {
    const feeds = stackFeeds(files)
    const output = (await session.run(feeds)).velocity!.data as Float32Array
    const times: number[] = []
    for (let round = 0; round < rounds; round++) times.push(await timeMs(() => session.run(feeds)))
    const after = deviceMemoryBytes()
    return {
      ...{ ms: median(times), output },
      deviceBytes: before === undefined || after === undefined ? undefined : Math.max(0, after - before),
    }
  } finally {
    await sessions.release()
  }
}
