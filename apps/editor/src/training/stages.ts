/** What is known of training stages: from the events of a run, or from a table that an earlier one left. */
import type { JobEvent, LossLine } from '@dreamgraph/protocol'

/** The node that trains. */
export const stageType = 'train/stage'

export interface TrainingStage {
  readonly name: string
  /** In order; each step once for each task. */
  readonly lines: readonly LossLine[]
  readonly steps: number
  /** Of the stage, when `toldAtMs` was; absent for a table. */
  readonly timeLeftMs?: number
  readonly toldAtMs?: number
}

type LossEvent = Extract<JobEvent, { type: 'node-losses' }>

/** A stage that goes on from a checkpoint tells steps again: the newer ones count, and what lay behind them. */
export function addLosses(
  stages: ReadonlyMap<string, TrainingStage>,
  { node, stage, steps, timeLeftMs, lines, atMs }: LossEvent,
): ReadonlyMap<string, TrainingStage> {
  const first = lines[0]?.step ?? 1
  const known = stages.get(node)?.lines ?? []
  const isNewer = known.length === 0 || known.at(-1)!.step < first
  const kept = isNewer ? known : known.filter(({ step }) => step < first)
  const next = { name: stage, lines: [...kept, ...lines], steps, timeLeftMs, toldAtMs: atMs }
  return new Map(stages).set(node, next)
}

/** Names of the losses in some stages, as they come. */
export function lossNames(stages: readonly TrainingStage[]): string[] {
  return [...new Set(stages.flatMap(({ lines }) => lines.flatMap(({ losses }) => Object.keys(losses))))]
}

export const tasksOf = (stages: readonly TrainingStage[]): string[] =>
  [...new Set(stages.flatMap(({ lines }) => lines.map(({ task }) => task)))].sort()

/** Columns of a plot: steps go on counting from stage to stage, and each task has a value or none. */
export interface Curves {
  readonly x: number[]
  /** By task, in order. */
  readonly y: (number | null)[][]
  /** Where each stage begins, on the axis of steps. */
  readonly starts: readonly { readonly name: string; readonly at: number }[]
}

/** Means over at most so many stretches of steps: single steps are mostly noise, and a plot has no more pixels. */
const stretches = 240

export function curvesOf(stages: readonly TrainingStage[], loss: string, tasks: readonly string[]): Curves {
  const starts: { name: string; at: number }[] = []
  const total = stages.reduce((sum, { lines }) => sum + (lines.at(-1)?.step ?? 0), 0)
  const width = Math.max(1, Math.ceil(total / stretches))
  const sums = new Map<number, { sum: number; count: number }[]>()
  let before = 0
  for (const { name, lines } of stages) {
    starts.push({ name, at: before })
    for (const { step, task, losses } of lines) {
      const value = losses[loss]
      if (value === undefined) continue
      const at = Math.floor((before + step - 1) / width)
      const cells = sums.get(at) ?? tasks.map(() => ({ sum: 0, count: 0 }))
      sums.set(at, cells)
      const cell = cells[tasks.indexOf(task)]
      if (!cell) continue
      cell.sum += value
      cell.count++
    }
    before += lines.at(-1)?.step ?? 0
  }
  const sorted = [...sums].sort(([a], [b]) => a - b)
  return {
    x: sorted.map(([at]) => at * width + Math.ceil(width / 2)),
    y: tasks.map((_, task) => sorted.map(([, cells]) => (cells[task]!.count > 0 ? mean(cells[task]!) : null))),
    starts,
  }
}

const mean = ({ sum, count }: { sum: number; count: number }): number => sum / count

/** The newest value of a loss, as a mean over the last steps of a task. */
export function newest(stages: readonly TrainingStage[], loss: string, task: string): number | undefined {
  const values = (stages.findLast(({ lines }) => lines.length > 0)?.lines ?? [])
    .filter((line) => line.task === task && line.losses[loss] !== undefined)
    .slice(-20)
    .map(({ losses }) => losses[loss]!)
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length
}
