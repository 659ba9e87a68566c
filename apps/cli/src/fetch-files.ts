// What a job's nodes wrote on a server, brought into a folder here, as if they had written it here.
import { mkdir } from 'node:fs/promises'
import { basename, dirname, extname, join } from 'node:path'
import type { Client } from '@dreamgraph/client'
import type { JsonValue, Workflow } from '@dreamgraph/graph'
import { writeNumbered } from '@dreamgraph/nodes'
import type { Job } from '@dreamgraph/protocol'
import { confinedPath, writeFileAtomic } from '@dreamgraph/store'

export interface FetchFiles {
  readonly client: Client
  readonly job: Job
  readonly document: Workflow
  readonly folder: string
  readonly signal: AbortSignal
}

/** As image/save numbers pictures; the server gave its number in an empty folder. */
const numbered = /^(.*)-\d{4,12}$/s

/** Writes the files and returns their paths. A numbered name gets the next number here, all others overwrite. */
export async function fetchFiles({ client, job, document, folder, signal }: FetchFiles): Promise<string[]> {
  const written: string[] = []
  for (const { file, digest, node } of job.outputs) {
    if (!file || !digest) continue
    const bytes = await client.artifact(digest, { signal })
    const extension = extname(file)
    const [, stem] = numbered.exec(file.slice(0, file.length - extension.length)) ?? []
    if (stem === undefined || paramOf(document, node, 'existing') === 'overwrite') {
      const path = await placeFor(folder, file)
      await writeFileAtomic(path, bytes)
      written.push(join(folder, file))
    } else {
      const resolveStem = () => placeFor(folder, stem)
      const path = await writeNumbered(resolveStem, extension.slice(1), async () => bytes)
      written.push(join(folder, dirname(stem), basename(path)))
    }
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

/** A param as the document gives it, of a node that may lie in components: ids of the nodes around come first in its id. */
function paramOf({ nodes, components = {} }: Workflow, id = '', name: string): JsonValue | undefined {
  const [key = '', ...inner] = id.split('/')
  const node = Object.hasOwn(nodes, key) ? nodes[key]! : undefined
  if (inner.length === 0 || !node) return node?.params?.[name]
  const component = node.type.replace(/^component\//, '')
  if (!Object.hasOwn(components, component)) return undefined
  return paramOf({ ...components[component]!, components } as Workflow, inner.join('/'), name)
}
