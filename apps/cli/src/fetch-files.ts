// What a job's nodes wrote on a server, brought into a folder here, as if they had written it here.
import { mkdir } from 'node:fs/promises'
import { basename, dirname, extname, join } from 'node:path'
import type { Client } from '@dreamgraph/client'
import { writeNumbered } from '@dreamgraph/nodes'
import type { Job } from '@dreamgraph/protocol'
import { confinedPath, writeFileAtomic } from '@dreamgraph/store'

export interface FetchFiles {
  readonly client: Client
  readonly job: Job
  readonly folder: string
  readonly signal: AbortSignal
}

/** Writes the files and returns their paths. A numbered name gets the next number here, all others overwrite. */
export async function fetchFiles({ client, job, folder, signal }: FetchFiles): Promise<string[]> {
  const written: string[] = []
  for (const { file, digest, numbered } of job.outputs) {
    if (!file || !digest) continue
    const bytes = await client.artifact(digest, { signal })
    if (!numbered) {
      const path = await placeFor(folder, file)
      await writeFileAtomic(path, bytes)
      written.push(join(folder, file))
      continue
    }
    // The number that it has was the next one in an empty folder.
    const extension = extname(file)
    const stem = file.slice(0, -extension.length).replace(/-\d+$/, '')
    const path = await writeNumbered(
      () => placeFor(folder, stem),
      extension.slice(1),
      async () => bytes,
    )
    written.push(join(folder, dirname(stem), basename(path)))
  }
  return written.sort()
}

/** Absolute path of a file in the folder; makes the folders around it. */
async function placeFor(folder: string, file: string): Promise<string> {
  await mkdir(folder, { recursive: true })
  const path = await confinedPath(folder, file)
  await mkdir(dirname(path), { recursive: true })
  return path
}
