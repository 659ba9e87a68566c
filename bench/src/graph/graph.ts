// 10,000 nodes that do nothing: what the engine itself costs, against rete-engine's dataflow on the same graph.
import type { Bench } from '../figure.js'
import { inWorker, mib } from '../worker.js'
import type { MemoryOptions } from './memory.js'
import type { TimesOptions, work } from './times.js'

const nodes = 10_000
const rounds = 7
const rete = 'rete-engine'

export const graph: Bench = {
  name: 'graph',
  title: `A graph of ${nodes.toLocaleString('en')} no-ops`,
  async run() {
    const times = await inWorker<TimesOptions, Awaited<ReturnType<typeof work>>>(
      new URL('./times.js', import.meta.url),
      { nodes, rounds },
    )
    const memory = (engine: MemoryOptions['engine']): Promise<number> =>
      inWorker<MemoryOptions, number>(new URL('./memory.js', import.meta.url), { engine, nodes })
    const peaks = { none: await memory('none'), dreamgraph: await memory('dreamgraph'), rete: await memory('rete') }
    const unit = 'µs/node'
    return {
      setting: [
        'Rows of ten blocks, each a chain of 9, a fan of 8 and 3 joins; numbers pass through, and every node differs in a',
        `param. Both engines in one process, ${rounds} rounds; "again" is five times in a row in each. On a second fetch rete`,
        "looks up the 50 results and nothing else; ours compares every node's key. Peak memory: a process for each engine;",
        `Node and the flow alone take ${mib(peaks.none).toFixed(0)} MiB of it.`,
      ],
      figures: [
        { what: 'parse and check', value: times.open, unit, yardstick: { name: rete, value: times.reteOpen } },
        {
          what: 'run cold',
          value: times.cold,
          unit,
          yardstick: { name: rete, value: times.reteCold },
          goal: { atMost: 10 },
        },
        {
          what: 'run again, all cached',
          value: times.cached,
          unit,
          yardstick: { name: rete, value: times.reteCached },
          goal: { atMost: 2 },
        },
        { what: 'reopened, all cached', value: times.reopened, unit },
        {
          what: 'peak memory',
          value: mib(peaks.dreamgraph),
          unit: 'MiB',
          yardstick: { name: rete, value: mib(peaks.rete) },
        },
      ],
    }
  },
}
