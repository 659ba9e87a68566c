/** Services over real temporary folders, and one call to run a single node in them. */
import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Node, NodeContext, Params, Ports, Preview, RunArguments } from '@dreamgraph/graph'
import { confinedPath, fileDigests } from '@dreamgraph/store'
import type { RunRecord, Services } from '../services.js'

export interface Surroundings {
  readonly services: Services
  readonly ctx: NodeContext
  /** Input and output folder in one. */
  readonly folder: string
  /** Paths told to onWritten, in order. */
  readonly written: string[]
  readonly previews: Preview[]
  remove(): Promise<void>
}

export async function surroundings(record: Partial<RunRecord> = {}): Promise<Surroundings> {
  const base = await realpath(await mkdtemp(join(tmpdir(), 'nodes-')))
  const folder = join(base, 'files')
  await mkdir(folder)
  const digests = fileDigests({ dir: join(base, 'digests') })
  const written: string[] = []
  const previews: Preview[] = []
  const services: Services = {
    models: new Proxy({} as Services['models'], {
      get(_, name) {
        throw new Error(`internal: no models in this test, asked for ${String(name)}`)
      },
    }),
    files: {
      resolveInput: (path) => confinedPath(folder, path),
      async resolveOutput(path) {
        const resolved = await confinedPath(folder, path)
        await mkdir(dirname(resolved), { recursive: true })
        return resolved
      },
      digest: (path, options) => digests.digest(path, options),
      onWritten: ({ path }) => written.push(path),
    },
    work: {
      runtime: () => Promise.reject(new Error('internal: no runtime in this test')),
      async folder(digest) {
        const folder = join(base, 'work', digest)
        await mkdir(folder, { recursive: true })
        return folder
      },
    },
    record: { workflow: '{"dreamgraph":2}', inputs: {}, models: () => [], ...record },
  }
  const ctx = {
    signal: new AbortController().signal,
    items: 1,
    progress: () => {},
    preview: (value: Preview) => void previews.push(value),
    wantsPreview: () => false,
  }
  return { services, ctx, folder, written, previews, remove: () => rm(base, { recursive: true, force: true }) }
}

type ParamsOf<N> = N extends Node<Services, Ports, infer P, Ports> ? RunArguments<Services, Ports, P>['params'] : never
type InputsOf<N> =
  N extends Node<Services, infer I, Params, Ports> ? RunArguments<Services, I, Params>['inputs'] : never

/** Runs a node on these inputs; params that are not given have their defaults. */
export async function runNode<I extends Ports, P extends Params, O extends Ports>(
  node: Node<Services, I, P, O>,
  inputs: InputsOf<Node<Services, I, P, O>>,
  params: Partial<ParamsOf<Node<Services, I, P, O>>>,
  { services, ctx }: Pick<Surroundings, 'services' | 'ctx'>,
) {
  const defaults = Object.fromEntries(Object.entries(node.params).map(([name, param]) => [name, param.defaultValue]))
  const args = { inputs, params: { ...defaults, ...params }, ctx, services }
  return node.run(args as unknown as RunArguments<Services, I, P>)
}
