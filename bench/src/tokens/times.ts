// One length of sequence, in a process of its own: the time of a step and the memory that it takes.
import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { Sessions } from '@dreamgraph/dreamo'
import { openRuntime } from '@dreamgraph/runtime'
import { type StackSize, stackFeeds, stackGraph, writeStack } from '../flux-stack/stack.js'
import { median, timeMs } from '../measure.js'
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
      const before = anonymousBytes(childPid)
      let most = before
      const timer = setInterval(() => {
        most = Math.max(most, anonymousBytes(childPid))
      }, lookEveryMs)
      const times: number[] = []
      await session.run(values)
      for (let round = 0; round < rounds; round++) times.push(await timeMs(() => session.run(values)))
      clearInterval(timer)
      return { ms: median(times), stepBytes: Math.max(most, anonymousBytes(childPid)) - before }
    } finally {
      await runtime.close()
    }
  })
}

/** Without the pages of mapped files, such as weights. */
function anonymousBytes(pid: number | undefined): number {
  if (process.platform !== 'linux') return 0
  return Number(/^RssAnon:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024
}
