// Clears folders of what nobody has needed for long: copies, results that can be computed again, tries of killed workers.
import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * Removes entries of a folder, or of the folders in it where `depth` is 2, that were last written or touched so many days ago.
 * Never throws: it may wait for another day.
 */
export async function removeOld(folder: string, days: number, depth = 1): Promise<void> {
  const names = await readdir(folder).catch(() => [])
  for (const name of names) {
    const path = join(folder, name)
    if (depth > 1) {
      await removeOld(path, days, depth - 1)
      continue
    }
    const entry = await stat(path).catch(() => undefined)
    if (!entry || Date.now() - entry.mtimeMs < days * dayMs) continue
    await rm(path, { recursive: true, force: true }).catch(() => {})
  }
}

const dayMs = 24 * 3600_000
