// Where an input file lies, from the path that a user wrote.
import { access } from 'node:fs/promises'
import { isAbsolute, resolve } from 'node:path'
import { confinedPath } from '@dreamgraph/store'

/**
 * Absolute path of an input file: as written when it is absolute, else in the first folder that has it. When none has,
 * the path in the first folder, so that the error names a place. Confined, a path that leaves the folders throws
 * store/path-outside.
 */
export async function findInput(path: string, folders: readonly string[], confine: boolean): Promise<string> {
  const candidates = await Promise.all(
    folders.map((folder) => (confine ? confinedPath(folder, path) : isAbsolute(path) ? path : resolve(folder, path))),
  )
  for (const candidate of candidates) {
    const isThere = await access(candidate).then(
      () => true,
      () => false,
    )
    if (isThere) return candidate
  }
  return candidates[0]
}
