// One length of sequence, in a process of its own: the time of a step and the memory that it takes.
import { availableParallelism } from 'node:os'
import { Sessions } from '@dreamgraph/dreamo'
import { openRuntime } from '@dreamgraph/runtime'
import { type StackSize, stackFeeds, stackGraph, writeStack } from '../flux-stack/stack.js'
import { median, timeMs } from '../measure.js'
import { watchMemory } from '../memory-peaks.js'
import { withScratchFolder } from '../scratch-folder.js'

export interface TokensOptions {
  readonly size: StackSize
  readonly rounds: number
}

export interface TokensResult {
  readonly ms: number
  /** Highest anonymous memory of the runtime's process while it computes, less that of before. Linux; else 0. */
  readonly stepBytes: number
}

const lookEveryMs = 5

export async function work({ size, rounds }: TokensOptions): Promise<TokensResult> {
  return withScratchFolder(async (folder) => {
    const files = await writeStack(folder, size)
    const runtime = await openRuntime({ device: 'cpu', threads: availableParallelism() })
    try {
      const session = await new Sessions(runtime).of('FLUX stack', { velocity: await stackGraph(files) })
      const values = stackFeeds(files)
      await session.load()
      const { childPid } = runtime.status()
      const watch = () => watchMemory(() => [childPid], lookEveryMs)
      const before = watch().stop().peakAnonymousBytes
      const memory = watch()
      const times: number[] = []
      await session.run(values)
      for (let round = 0; round < rounds; round++) times.push(await timeMs(() => session.run(values)))
      return { ms: median(times), stepBytes: memory.stop().peakAnonymousBytes - before }
    } finally {
      await runtime.close()
    }
  })
}
