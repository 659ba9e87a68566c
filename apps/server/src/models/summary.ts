// A model in a list: where it lies, how much it takes on disk, and whether any part is missing. Nothing is opened.
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type ModelEntry, modelProblem } from '@dreamgraph/nodes'
import type { ModelSummary } from '@dreamgraph/protocol'

export async function summarize(name: string, entry: ModelEntry, shipped: boolean): Promise<ModelSummary> {
  const parts = Object.fromEntries(Object.entries(entry).filter(([, path]) => path !== undefined))
  const paths = [...new Set(Object.values(parts))]
  const outside = paths.filter((path) => !paths.some((other) => path.startsWith(`${other}/`)))
  const sizes = await Promise.all(outside.map((path) => sizeOf(path, 0)))
  const problem = await modelProblem(entry)
  return {
    ...{ name, shipped, parts, sizeBytes: sizes.reduce((sum, size) => sum + size, 0) },
    ...(problem !== undefined && { problem }),
  }
}

/** Deeper than any model, and an end to folders that are linked in circles. */
const maxDepth = 6

/** Bytes of a file, or of all in a folder. Links count as what they lead to: a hub's cache is made of them. */
async function sizeOf(path: string, depth: number): Promise<number> {
  const entry = await stat(path).catch(() => undefined)
  if (!entry) return 0
  if (!entry.isDirectory()) return entry.size
  if (depth === maxDepth) return 0
  const names = await readdir(path).catch(() => [])
  let sizeBytes = 0
  for (const name of names) sizeBytes += await sizeOf(join(path, name), depth + 1)
  return sizeBytes
}
