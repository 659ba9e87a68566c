// Artifacts in a folder: `ab/abcdef…`, written beside and renamed.
import { access, readFile, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { makeFolder, writeFileAtomic } from '@dreamgraph/store'
import type { ArtifactStore } from './artifact-store.js'

export function folderStore(folder: string): ArtifactStore {
  const pathOf = (key: string): string => {
    // Routes let only digests through; a second look costs nothing.
    const [, prefix = '', digest] = /^(?:([a-z]+)\/)?([0-9a-f]{64})$/.exec(key) ?? []
    if (!digest) throw new Error(`internal: "${key}" is no key of an artifact`)
    return join(folder, prefix, digest.slice(0, 2), digest)
  }
  return {
    async put(key, bytes) {
      const path = pathOf(key)
      await makeFolder(dirname(path))
      await writeFileAtomic(path, bytes)
    },
    async get(key) {
      try {
        return await readFile(pathOf(key))
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
        throw error
      }
    },
    has: (key) =>
      access(pathOf(key)).then(
        () => true,
        () => false,
      ),
    remove: (key) => rm(pathOf(key), { force: true }),
  }
}
