/** What two versions of a workflow differ in, in words: for deciding which of them to keep. */
import { sameJson, type Workflow, type WorkflowNode } from '@dreamgraph/graph'

export interface Difference {
  /** Nodes that only the second has, only the first has, and that differ in more than their place. */
  readonly added: readonly string[]
  readonly removed: readonly string[]
  readonly changed: readonly string[]
  readonly linksAdded: number
  readonly linksRemoved: number
  /** Inputs, outputs, components, notes, names: all that is not nodes and links. */
  readonly others: readonly string[]
}

export function differenceOf(first: Workflow, second: Workflow): Difference {
  const has = (workflow: Workflow, id: string): boolean => Object.hasOwn(workflow.nodes, id)
  const ids = (workflow: Workflow): string[] => Object.keys(workflow.nodes)
  const keys = (workflow: Workflow): Set<string> =>
    new Set((workflow.links ?? []).map(({ from, to }) => JSON.stringify([from.node, from.socket, to.node, to.socket])))
  const [before, after] = [keys(first), keys(second)]
  const fields = new Set([...Object.keys(first), ...Object.keys(second)])
  return {
    added: ids(second).filter((id) => !has(first, id)),
    removed: ids(first).filter((id) => !has(second, id)),
    changed: ids(first).filter(
      (id) => has(second, id) && !sameJson(withoutPlace(first.nodes[id]!), withoutPlace(second.nodes[id]!)),
    ),
    linksAdded: [...after].filter((key) => !before.has(key)).length,
    linksRemoved: [...before].filter((key) => !after.has(key)).length,
    others: [...fields].filter(
      (field) => field !== 'nodes' && field !== 'links' && !sameJson(plain(first, field), plain(second, field)),
    ),
  }
}

const plain = (workflow: Workflow, field: string): never => (workflow as Record<string, unknown>)[field] as never

function withoutPlace({ ui, ...rest }: WorkflowNode): never {
  const { x, y, ...look } = ui ?? {}
  return { ...rest, look } as never
}
