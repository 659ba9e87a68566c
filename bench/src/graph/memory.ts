// Peak memory of one engine in a process of its own: opened, run once, run again.
import { peakBytes } from '../worker.js'
import { flow, resultsOf } from './flow.js'

export interface MemoryOptions {
  /** none: neither engine, which is what Node and the flow take. */
  readonly engine: 'dreamgraph' | 'rete' | 'none'
  readonly nodes: number
}

export async function work({ engine, nodes }: MemoryOptions): Promise<number> {
  const description = flow(nodes)
  if (engine === 'dreamgraph') {
    const { memoryCache } = await import('@dreamgraph/graph')
    const { planOf, runPlan, workflowText } = await import('./dreamgraph-flow.js')
    const plan = planOf(workflowText(description))
    const cache = memoryCache()
    await runPlan(plan, cache, 'ran')
    await runPlan(plan, cache, 'cached')
  }
  if (engine === 'rete') {
    const { engineOf, fetchResults } = await import('./rete-flow.js')
    const opened = await engineOf(description)
    await fetchResults(opened, resultsOf(description))
    await fetchResults(opened, resultsOf(description))
  }
  return peakBytes()
}
