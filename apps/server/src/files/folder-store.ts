// Artifacts in a folder: `ab/abcdef…`, written beside and renamed.
import { access, open, readFile, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { makeFolder, writeAtomic, writeFileAtomic } from '@dreamgraph/store'
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
    async putStream(key, chunks) {
      const path = pathOf(key)
      await makeFolder(dirname(path))
      await writeAtomic(path, async (sink) => {
        for await (const chunk of chunks) await sink.write(chunk)
      })
    },
    get: (key) => ifThere(readFile(pathOf(key))),
    async open(key) {
      const file = await ifThere(open(pathOf(key)))
      return file && { stream: file.createReadStream(), sizeBytes: (await file.stat()).size }
    },
    has: (key) =>
      access(pathOf(key)).then(
        () => true,
        () => false,
      ),
    remove: (key) => rm(pathOf(key), { force: true }),
  }
}

async function ifThere<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
