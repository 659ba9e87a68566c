// Medians of alternated samples: a machine that slows down slows all arms alike.
import { setTimeout } from 'node:timers/promises'

/** Takes one sample, in the unit of the bench. */
export type Sample = () => number | Promise<number>

/** Between samples: threads that still spin for the previous arm's work come to rest. */
const restMs = 100

/** One round to warm up, then `rounds` of A B A B…; the median per arm. */
export async function alternate<Arm extends string>(
  arms: Readonly<Record<Arm, Sample>>,
  rounds: number,
): Promise<Record<Arm, number>> {
  const names = Object.keys(arms) as Arm[]
  const samples = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Arm, number[]>
  for (let round = -1; round < rounds; round++) {
    for (const name of names) {
      await setTimeout(restMs)
      const sample = await arms[name]()
      if (round >= 0) samples[name].push(sample)
    }
  }
  const medians = names.map((name) => [name, median(samples[name])])
  return Object.fromEntries(medians) as Record<Arm, number>
}

export function median(values: readonly number[]): number {
  if (values.length === 0) throw new Error('internal: median of nothing')
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/** Milliseconds that the work takes. */
export async function timeMs(work: () => unknown): Promise<number> {
  const start = performance.now()
  await work()
  return performance.now() - start
}
