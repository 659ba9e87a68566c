// What is kept of quantized weights: files that were made once for each model, LoRA stack and scheme.
import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
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

/** Removes all; models that are open go on with what they have mapped. */
export function removeKeptWeights(home = defaultHome()): Promise<void> {
  return rm(quantizedFolder(home), { recursive: true, force: true })
}
