// The table of an evaluation: a row for each metric, a column for each task, and what the drawn targets score.
import { type Task, tasks } from '@dreamgraph/world'
import type { Evaluation } from './evaluate.js'
import { lessIsBetter, type Metric, metrics } from './metrics/metrics.js'
import { intervalOf, shareOf, sumOf, type Tally } from './metrics/tally.js'

/** A share, 0..1, of so many cases, and its 95 % interval. */
export interface Cell {
  readonly share: number
  readonly of: number
  readonly interval: readonly [low: number, high: number]
}

export interface Row {
  readonly metric: string
  readonly lessIsBetter: boolean
  /** Over all tasks. */
  readonly all: Cell
  readonly tasks: Readonly<Partial<Record<Task, Cell>>>
  /** Of the drawn targets, over all tasks; undefined where a model is looked into, which drawn pictures have not. */
  readonly drawn?: Cell
}

/** Rows of all metrics that had something to count. */
export function tableOf({ pictures, drawn, routing }: Evaluation): Row[] {
  const rows = Object.entries(metrics).map(([name, metric]: [string, Metric]) =>
    rowOf(
      name,
      pictures.map(({ task, answers }) => ({ task, tally: metric({ task, answers }) })),
      sumOf(drawn.map(metric)),
    ),
  )
  const overlaps = routing.map(({ task, iou }) => ({ task, tally: { hits: iou, of: 1 } }))
  return [...rows, rowOf('routing IoU', overlaps)].flatMap((row) => row ?? [])
}

function rowOf(metric: string, counted: readonly { task: Task; tally: Tally }[], drawn?: Tally): Row | undefined {
  const all = cellOf(sumOf(counted.map(({ tally }) => tally)))
  if (!all) return undefined
  const ofTask = tasks.flatMap((task) => {
    const cell = cellOf(sumOf(counted.filter((one) => one.task === task).map(({ tally }) => tally)))
    return cell ? [[task, cell] as const] : []
  })
  return {
    metric,
    lessIsBetter: lessIsBetter.has(metric),
    all,
    tasks: Object.fromEntries(ofTask),
    drawn: drawn && cellOf(drawn),
  }
}

function cellOf(tally: Tally): Cell | undefined {
  const share = shareOf(tally)
  return share === undefined ? undefined : { share, of: tally.of, interval: intervalOf(tally)! }
}

/** The rows as cells of text, header first: per cent, their interval, and the number of cases. */
export function textCells(rows: readonly Row[]): string[][] {
  const shown = tasks.filter((task) => rows.some((row) => row.tasks[task]))
  const header = ['metric', 'all', '95 %', 'cases', ...shown, 'drawn']
  const lines = rows.map(({ metric, lessIsBetter: less, all, tasks: own, drawn }) => [
    less ? `${metric} (less is better)` : metric,
    percent(all),
    all.interval.map((bound) => Math.round(100 * bound)).join('–'),
    String(all.of),
    ...shown.map((task) => percent(own[task])),
    percent(drawn),
  ])
  return [header, ...lines]
}

/** The rows as a table of Markdown. */
export function markdownTable(rows: readonly Row[]): string {
  const [header, ...lines] = textCells(rows)
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [line(header), line(header.map((_, i) => (i === 0 ? '---' : '---:'))), ...lines.map(line)].join('\n')
}

const percent = (cell: Cell | undefined): string => (cell ? (100 * cell.share).toFixed(1) : '')
