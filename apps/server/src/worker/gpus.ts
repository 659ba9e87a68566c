// Which GPUs there are, and which local worker takes which. CUDA's alone: one process uses one device.
import { readdirSync } from 'node:fs'

/** Names of GPUs as CUDA_VISIBLE_DEVICES has them: those that it names already, else numbers of all that the driver knows. */
export function gpus(env: NodeJS.ProcessEnv = process.env, driver = '/proc/driver/nvidia/gpus'): readonly string[] {
  const chosen = env.CUDA_VISIBLE_DEVICES
  if (chosen === undefined) return foldersIn(driver).map((_, index) => String(index))
  const names = chosen.split(',').map((name) => name.trim())
  const end = names.findIndex((name) => name === '' || name.startsWith('-'))
  return end < 0 ? names : names.slice(0, end)
}

function foldersIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return [] // no such driver
  }
}

/** Workers where nobody says how many: one for each GPU. */
export const workerCount = (device: string | undefined, known = gpus()): number =>
  device === 'cpu' || device === 'webgpu' ? 1 : Math.max(1, known.length)

/** The GPU of the index-th worker, counted from 1; undefined where there is nothing to choose. */
export const gpuOf = (index: number, known = gpus()): string | undefined =>
  known.length > 1 ? known[(index - 1) % known.length] : undefined
