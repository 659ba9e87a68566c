// Times of both engines, side by side in one process.
import { memoryCache, type ResultCache } from '@dreamgraph/graph'
import { alternate, median, timeMs } from '../measure.js'
import { planOf, runPlan, workflowText } from './dreamgraph-flow.js'
import { flow, resultsOf } from './flow.js'
import { engineOf, fetchResults } from './rete-flow.js'

export interface TimesOptions {
  readonly nodes: number
  readonly rounds: number
}

/** Each in µs per node. */
export async function work({ nodes, rounds }: TimesOptions) {
  const description = flow(nodes)
  const results = resultsOf(description)
  const text = workflowText(description)
  const perNode = async (run: () => unknown): Promise<number> => (1000 * (await timeMs(run))) / nodes

  // A few milliseconds in all: one sample of it would measure how the previous arm left the processor's caches.
  const again = async (run: () => unknown): Promise<number> => {
    const times: number[] = []
    for (let i = 0; i < 5; i++) times.push(await perNode(run))
    return median(times)
  }

  // Each round starts over: the arms of one round build on one another, in this order.
  let plan = planOf(text)
  let cache: ResultCache = memoryCache()
  let engine = await engineOf(description)
  const values = await runPlan(plan, cache, 'ran')
  const reteValues = await fetchResults(engine, results)
  if (!results.every((id, i) => values(id) === reteValues[i]))
    throw new Error('internal: the engines differ in results')
  return alternate(
    {
      open: () => perNode(() => (plan = planOf(text))),
      reteOpen: () => perNode(async () => (engine = await engineOf(description))),
      cold: () => {
        cache = memoryCache()
        return perNode(() => runPlan(plan, cache, 'ran'))
      },
      reteCold: () => perNode(() => fetchResults(engine, results)),
      cached: () => again(() => runPlan(plan, cache, 'cached')),
      reteCached: () => again(() => fetchResults(engine, results)),
      reopened: () => {
        const fresh = planOf(text)
        return perNode(() => runPlan(fresh, cache, 'cached'))
      },
    },
    rounds,
  )
}
