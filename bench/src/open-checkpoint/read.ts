// The yardstick: the whole file read into memory, as a loader does that copies.
import { readFile } from 'node:fs/promises'
import { timeMs } from '../measure.js'
import { peakBytes } from '../worker.js'

export interface ReadOptions {
  readonly file: string
}

export interface Read {
  readonly ms: number
  /** Peak memory of the process beyond what it had before. */
  readonly peakBytes: number
}

export async function work({ file }: ReadOptions): Promise<Read> {
  const before = process.memoryUsage.rss()
  const ms = await timeMs(() => readFile(file))
  return { ms, peakBytes: peakBytes() - before }
}
