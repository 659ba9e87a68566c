// Losses of several batches as one.
import type { LossName } from './bucket-graph.js'
import type { LossLine } from './loss-log.js'

/** Losses of a micro-batch, or of a step's micro-batches of one task. */
export interface TaskLosses {
  readonly task: string
  readonly losses: LossLine['losses']
}

/** Means over those that have a loss. */
export function meanLosses(seen: readonly TaskLosses[]): LossLine['losses'] {
  const names = [...new Set(seen.flatMap(({ losses }) => Object.keys(losses) as LossName[]))]
  const mean = (name: LossName): number => {
    const values = seen.flatMap(({ losses }) => losses[name] ?? [])
    return values.reduce((sum, value) => sum + value, 0) / values.length
  }
  return Object.fromEntries(names.map((name) => [name, mean(name)]))
}
