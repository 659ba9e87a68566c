// What a bench reports. Every figure is a cost (time or memory), so that lower is better everywhere.

export type Unit = 'ms' | 's' | 'µs/node' | 'KiB' | 'MiB' | 'GiB'

/** The costliest value that meets the goal, or how many times cheaper than the yardstick it has to be. */
export type Goal = { readonly atMost: number } | { readonly timesBetter: number }

export interface Figure {
  /** Which part of the bench, e.g. "cold". */
  readonly what: string
  readonly value: number
  readonly unit: Unit
  /** The same work done by something else in the same run. */
  readonly yardstick?: { readonly name: string; readonly value: number }
  readonly goal?: Goal
}

export interface Measured {
  /** What was measured and how often, in one or two lines. */
  readonly setting: readonly string[]
  readonly figures: readonly Figure[]
}

export interface Skipped {
  readonly skipped: string
}

export interface Bench {
  readonly name: string
  readonly title: string
  run(): Promise<Measured | Skipped>
}

/** How many times cheaper than the yardstick. */
export function timesBetter({ value, yardstick }: Figure): number | undefined {
  return yardstick && yardstick.value / value
}

/** Undefined when the figure has no goal. */
export function meetsGoal(figure: Figure): boolean | undefined {
  const { goal, value } = figure
  if (!goal) return undefined
  return 'atMost' in goal ? value <= goal.atMost : (timesBetter(figure) ?? 0) >= goal.timesBetter
}
