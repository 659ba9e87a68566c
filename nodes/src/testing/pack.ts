/** Node packs in a temporary folder, written as text, and opened with little patience. */
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Node, NodeContext } from '@dreamgraph/graph'
import { nodeCatalogue } from '../catalogue.js'
import type { PackLimits } from '../packs/limits.js'
import { type OpenedPacks, openPacks } from '../packs/open-packs.js'
import type { Services } from '../services.js'

export interface PackPlace {
  readonly folder: string
  /** Writes `<name>/package.json` and `<name>/pack.mjs`, and files by relative path. Returns the pack's folder. */
  write(name: string, module: string, files?: Readonly<Record<string, string>>): Promise<string>
  /** Opens packs by folder. Closed by `remove`. */
  open(folders: readonly string[], limits?: Partial<PackLimits>): Promise<OpenedPacks>
  /** What packs printed, and what was said of them. */
  readonly log: string[]
  remove(): Promise<void>
}

export async function packPlace(): Promise<PackPlace> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'packs-')))
  const opened: OpenedPacks[] = []
  const log: string[] = []
  return {
    folder,
    log,
    async write(name, module, files = {}) {
      const manifest = JSON.stringify({ name, dreamgraph: { pack: './pack.mjs' } })
      for (const [path, text] of Object.entries({ 'package.json': manifest, 'pack.mjs': module, ...files })) {
        await mkdir(dirname(join(folder, name, path)), { recursive: true })
        await writeFile(join(folder, name, path), text)
      }
      return join(folder, name)
    },
    async open(folders, limits) {
      const packs = await openPacks(folders, { besides: nodeCatalogue.nodes, limits, onLog: (line) => log.push(line) })
      opened.push(packs)
      return packs
    },
    async remove() {
      for (const packs of opened) await packs.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

export interface RunOptions {
  readonly inputs?: Readonly<Record<string, unknown>>
  readonly params?: Readonly<Record<string, unknown>>
  readonly signal?: AbortSignal
  readonly progress?: (done: number, total: number, label?: string) => void
}

/** Runs a node of a pack; params that are not given have their defaults. */
export async function runPackNode(packs: OpenedPacks, type: string, options: RunOptions = {}) {
  const node = packs.nodes.find((candidate) => candidate.type === type) as Node<unknown> & Node<Services>
  const defaults = Object.fromEntries(Object.entries(node.params).map(([name, param]) => [name, param.defaultValue]))
  const { inputs = {}, params = {}, signal = new AbortController().signal, progress = () => {} } = options
  const ctx = { signal, progress } as NodeContext
  return node.run({ inputs, params: { ...defaults, ...params }, ctx, services: undefined as never })
}
