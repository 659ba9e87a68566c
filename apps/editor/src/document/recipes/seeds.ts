/** What becomes of seeds after a run. The choice is kept with the node's place and size: it says how to edit, not what to compute. */
import type { JsonValue, WorkflowNode } from '@dreamgraph/graph'
import type { Recipe } from '../document-store.js'
import { type GraphName, graphOf } from '../graph.js'
import { inputOf } from './interface.js'

export type SeedControl = 'fixed' | 'random' | 'step'

export function seedControlOf(node: WorkflowNode | undefined, param: string): SeedControl {
  const seeds = node?.ui?.seeds as Readonly<Record<string, SeedControl>> | undefined
  const control = seeds?.[param]
  return control === 'random' || control === 'step' ? control : 'fixed'
}

export function setSeedControl(graph: GraphName, node: string, param: string, control: SeedControl): Recipe {
  return {
    name: 'Seed after each run',
    change: (draft) => {
      const owner = graphOf(draft, graph).nodes[node]
      if (!owner) return
      const { [param]: _, ...others } = (owner.ui?.seeds ?? {}) as Record<string, SeedControl>
      const seeds = control === 'fixed' ? others : { ...others, [param]: control }
      const { seeds: __, ...ui } = owner.ui ?? {}
      owner.ui = Object.keys(seeds).length > 0 ? { ...ui, seeds } : ui
    },
  }
}

/** New seeds for the next run, where nodes ask for them. */
export function renewSeeds(next: (seed: string, control: SeedControl) => string): Recipe {
  return {
    name: 'New seeds',
    change: (draft) => {
      for (const graph of [draft, ...Object.values(draft.components ?? {})]) {
        for (const [id, node] of Object.entries(graph.nodes)) {
          for (const param of Object.keys((node.ui?.seeds as object | undefined) ?? {})) {
            const input = inputOf(graph, { node: id, socket: param })?.[1]
            const seed = next(
              `${(input?.default ?? node.params?.[param] ?? '0') as JsonValue}`,
              seedControlOf(node, param),
            )
            if (input) input.default = seed
            else node.params = { ...node.params, [param]: seed }
          }
        }
      }
    },
  }
}
