// A long queue: how long a submission and a page take while it is there.
import { quantile, tinyFlow } from './delivery.js'
import type { Served } from './served.js'

export interface QueueTimes {
  readonly submitP99Ms: number
  readonly listP99Ms: number
}

const pages = 200

export async function measureQueue(served: Served, jobs: number): Promise<QueueTimes> {
  const submitMs: number[] = []
  for (let i = 0; i < jobs; i++) submitMs.push(await timed(() => served.post('/v1/jobs', { workflow: tinyFlow })))
  const listMs: number[] = []
  for (let i = 0; i < pages; i++) {
    const order = i % 2 === 0 ? 'newest' : 'queue'
    listMs.push(await timed(() => served.get(`/v1/jobs?state=queued&order=${order}`)))
  }
  return { submitP99Ms: quantile(submitMs.sort(byValue), 0.99), listP99Ms: quantile(listMs.sort(byValue), 0.99) }
}

const byValue = (a: number, b: number): number => a - b

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now()
  await work()
  return performance.now() - startMs
}
