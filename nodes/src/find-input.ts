// Where an input file lies, from the path that a user wrote.
import { access } from 'node:fs/promises'
import { isAbsolute, resolve } from 'node:path'
import { confinedPath, StoreError } from '@dreamgraph/store'

/**
 * Absolute path of an input file: as written when it is absolute, else in the first folder that has it. When none has,
 * the path in the first folder, so that the error names a place. Without folders relative paths start at the working
 * folder. Confined, a path that leaves the folders throws store/path-outside, and so does any path without folders.
 */
export async function findInput(path: string, folders: readonly string[], confine: boolean): Promise<string> {
  if (!confine && isAbsolute(path)) return path
  const [first, ...others] = await Promise.all(
    folders.map((folder) => (confine ? confinedPath(folder, path) : resolve(folder, path))),
  )
  if (first === undefined) return withoutFolders(path, confine)
  for (const candidate of [first, ...others]) {
    const isThere = await access(candidate).then(
      () => true,
      () => false,
    )
    if (isThere) return candidate
  }
  return first
}

function withoutFolders(path: string, confine: boolean): string {
  if (!confine) return resolve(path)
  throw new StoreError('store/path-outside', `inputs: expected no file at all, got ${JSON.stringify(path)}`)
}
