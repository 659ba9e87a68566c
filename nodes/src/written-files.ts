// Which node wrote a file: nodes do not know their own ids, so each that has an effect is lent services that do.
import type { Plan } from '@dreamgraph/graph'
import type { FileAccess, Services } from './services.js'

export type WrittenFile = Parameters<FileAccess['onWritten']>[0] & {
  /** Id of the node that wrote it. */
  readonly node: string
}

/** What a node without an effect is lent: such a node may come from the cache, and then its file would be missing. */
export function refuseWritten(): never {
  throw new Error('internal: a node wrote a file and has no effect')
}

/** The same plan, whose nodes tell of files under their ids. */
export function tellingWriters(plan: Plan<Services>, onWritten: (file: WrittenFile) => void): Plan<Services> {
  const nodes = plan.nodes.map((entry) => {
    const { id, node } = entry
    if (!node.effect) return entry
    const run: typeof node.run = ({ services, ...args }) => {
      const files: FileAccess = { ...services.files, onWritten: (file) => onWritten({ ...file, node: id }) }
      return node.run({ ...args, services: { ...services, files } })
    }
    return { ...entry, node: { ...node, run } }
  })
  return { ...plan, nodes }
}
