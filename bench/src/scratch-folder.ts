// A folder for large files that is gone when the work ends: done, failed or interrupted.
import { rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export async function withScratchFolder<R>(work: (folder: string) => Promise<R>): Promise<R> {
  const folder = await mkdtemp(join(tmpdir(), 'dreamgraph-bench-'))
  const remove = (): void => rmSync(folder, { recursive: true, force: true })
  // Ctrl-C ends every process of the terminal at once; a gigabyte should not stay behind.
  const interrupted = (): never => {
    remove()
    process.exit(130)
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, interrupted)
  try {
    return await work(folder)
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, interrupted)
    remove()
  }
}
