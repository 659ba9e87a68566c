// Figures as a table of plain text.
import { type Figure, meetsGoal, timesBetter } from './figure.js'

const heads = ['', 'ours', 'yardstick', '', 'ratio', 'goal', '']

export function table(figures: readonly Figure[]): string {
  const rows = [heads, ...figures.map(cells)]
  const widths = heads.map((_, column) => Math.max(...rows.map((row) => row[column].length)))
  // Words to the left, numbers to the right.
  const lines = rows.map((row) =>
    row
      .map((cell, column) =>
        column === 0 || column === 3 || column > 4 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]),
      )
      .join('  ')
      .trimEnd(),
  )
  return lines.map((line) => `  ${line}`).join('\n')
}

function cells(figure: Figure): string[] {
  const { what, value, unit, yardstick } = figure
  const ratio = timesBetter(figure)
  const met = meetsGoal(figure)
  return [
    what,
    `${short(value)} ${unit}`,
    yardstick ? `${short(yardstick.value)} ${unit}` : '',
    yardstick?.name ?? '',
    ratio === undefined ? '' : `${short(ratio)}×`,
    goalText(figure),
    met === undefined ? '' : met ? 'met' : 'MISSED',
  ]
}

function goalText({ goal, unit }: Figure): string {
  if (!goal) return ''
  return 'atMost' in goal ? `≤ ${short(goal.atMost)} ${unit}` : `≥ ${goal.timesBetter}×`
}

/** Three digits, whole numbers from 100 on. */
function short(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toPrecision(3)
}
