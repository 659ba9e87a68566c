// What is kept of quantized weights: files that were made once for each model, LoRA stack and scheme.
import { readdir, rm, stat, utimes } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { defaultHome } from './schemes.js'

/** Where they lie in a home folder. */
export const quantizedFolder = (home: string): string => join(home, 'quantized')

export interface KeptWeights {
  readonly models: number
  readonly sizeBytes: number
}

/** How many there are, and how large they are together. */
export async function keptWeights(home = defaultHome()): Promise<KeptWeights> {
  const folder = quantizedFolder(home)
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.safetensors'))
  let sizeBytes = 0
  for (const name of names) sizeBytes += (await stat(join(folder, name)).catch(() => undefined))?.size ?? 0
  return { models: names.length, sizeBytes }
}

/** Most that they take together: four of FLUX in 8 bits. One model more, and the one that was opened longest ago goes. */
export const mostKeptBytes = 48 * 2 ** 30

/** Notes that a file is in use, for `removeOldest`. `path` is without its ending, as in `cachedWeights`. */
export async function markUsed(path: string): Promise<void> {
  const now = new Date()
  await utimes(`${path}.json`, now, now).catch(() => {}) // of a folder that may only be read
}

/**
 * Removes what was opened longest ago until the rest takes at most `mostBytes`; never the file at `path`, which is the
 * newest. Processes that have one mapped go on with it; where such a file cannot be removed, it stays.
 */
export async function removeOldest(path: string, mostBytes: number): Promise<void> {
  const folder = dirname(path)
  const names = await readdir(folder)
  const others: { base: string; sizeBytes: number; usedAtMs: number }[] = []
  for (const name of names) {
    const base = join(folder, name.slice(0, -'.json'.length))
    if (!name.endsWith('.json') || base === path) continue
    const [seal, weights] = await Promise.all([`${base}.json`, `${base}.safetensors`].map(statOf))
    if (seal && weights) others.push({ base, sizeBytes: weights.size, usedAtMs: seal.mtimeMs })
  }
  let total = (await statOf(`${path}.safetensors`))?.size ?? 0
  for (const { base, sizeBytes } of others.sort((a, b) => b.usedAtMs - a.usedAtMs)) {
    total += sizeBytes
    if (total <= mostBytes) continue
    await rm(`${base}.safetensors`, { force: true }).catch(() => {})
    await rm(`${base}.json`, { force: true }).catch(() => {})
  }
}

const statOf = (path: string) => stat(path).catch(() => undefined)

/** Removes all; models that are open go on with what they have mapped. */
export function removeKeptWeights(home = defaultHome()): Promise<void> {
  return rm(quantizedFolder(home), { recursive: true, force: true })
}
