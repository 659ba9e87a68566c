/** What a run is for. */
import type { Plan } from '../check/plan.js'
import { GraphError } from '../errors.js'
import { nearest } from '../suggest.js'
import { type Prepared, prepare } from './prepared.js'

/** Positions of the nodes to run: those chosen by id, or the workflow's own targets. Muted and bypassed nodes are none. */
export function targetsOf<S>(plan: Plan<S>, ids: readonly string[] | undefined): number[] {
  const targets = ids ? findTargets(plan, prepare(plan), ids) : defaultTargets(plan)
  return targets.filter((index) => plan.nodes[index]!.state === 'run')
}

function findTargets<S>(plan: Plan<S>, { indexOf }: Prepared, ids: readonly string[]): number[] {
  return ids.flatMap((id) => {
    const index = indexOf.get(id)
    if (index !== undefined) return [index]
    const inside = plan.nodes.filter((node) => node.id.startsWith(`${id}/`)).map((node) => node.index)
    if (inside.length > 0) return inside
    const near = nearest(id, indexOf.keys())
    const hint = near === undefined ? '' : ` (did you mean "${near}"?)`
    throw new GraphError('run/unknown-target', `targets: expected the id of a node, got "${id}"${hint}`)
  })
}

/** Declared outputs and effects; a workflow with neither runs all nodes that nothing else needs. */
function defaultTargets<S>({ nodes, outputs }: Plan<S>): number[] {
  const targets = new Set<number>()
  for (const { source } of outputs) if (source && source.node >= 0) targets.add(source.node)
  for (const { index, node, state } of nodes) if (node.effect && state === 'run') targets.add(index)
  if (targets.size > 0 || outputs.length > 0) return [...targets]
  const used = new Uint8Array(nodes.length)
  for (const { inputs, state } of nodes) {
    if (state !== 'run') continue
    for (const { sources } of inputs) for (const { node } of sources) if (node >= 0) used[node] = 1
  }
  return nodes.filter(({ index, state }) => state === 'run' && used[index] === 0).map(({ index }) => index)
}
