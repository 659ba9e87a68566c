// Node packs: nodes by others, from folders that whoever starts the program has named. A workflow names none.
import type { Node } from '@dreamgraph/graph'
import { NodesError } from '../errors.js'
import type { Services } from '../services.js'
import { readDeclarations } from './declaration.js'
import { defaultPackLimits, type PackLimits } from './limits.js'
import { readPackFolder } from './pack-folder.js'
import { packNode } from './pack-node.js'
import { PackProcess } from './pack-process.js'

export interface OpenPacksOptions {
  /** Nodes whose areas are taken. */
  readonly besides: readonly Node<Services>[]
  readonly limits?: Partial<PackLimits>
  readonly onLog?: (line: string) => void
}

export interface OpenedPacks {
  readonly nodes: readonly Node<Services>[]
  /** Ends their processes. */
  readonly close: () => Promise<void>
}

/**
 * Opens packs by their folders, each in a process of its own that may read its folder and nothing else.
 * Throws nodes/pack-invalid, nodes/packs-unavailable, and what starting it throws.
 */
export async function openPacks(folders: readonly string[], options: OpenPacksOptions): Promise<OpenedPacks> {
  const { besides, limits, onLog = () => {} } = options
  const names = besides.flatMap(({ type, aliases }) => [type, ...aliases])
  const areas = new Set(['component', ...names.map((name) => name.split('/')[0]!)])
  const hosts: PackProcess[] = []
  const close = async (): Promise<void> => void (await Promise.all(hosts.map((host) => host.close())))
  const nodes: Node<Services>[] = []
  try {
    for (const folder of folders) {
      const pack = await readPackFolder(folder)
      if (areas.has(pack.name)) {
        const message = `pack ${pack.name} (${folder}): expected a name that is not taken yet, got "${pack.name}"`
        throw new NodesError('nodes/pack-invalid', message)
      }
      areas.add(pack.name)
      const host = new PackProcess({ pack, limits: { ...defaultPackLimits, ...limits }, onLog })
      hosts.push(host)
      const declared = readDeclarations(pack.name, await host.declared())
      nodes.push(...declared.map((node) => packNode(node, pack, host)))
    }
  } catch (error) {
    await close()
    throw error
  }
  return { nodes, close }
}
