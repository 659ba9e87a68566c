// losses.svg: a panel for each loss with a curve for each task.
import { join } from 'node:path'
import { writeFileAtomic } from '@dreamgraph/store'
import type { LossName } from './bucket-graph.js'
import type { LossLine } from './loss-log.js'

const names: Readonly<Record<LossName, string>> = {
  diff: 'flow matching',
  route: 'routing',
  holder: 'placeholder',
  within: 'within masks',
  naming: 'naming',
  reading: 'reading',
}
/** Okabe and Ito's palette, told apart by the colour-blind too, and a grey: the world has eight tasks. */
const colours = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#000000', '#7f7f7f']
const panel = { width: 640, height: 180, left: 56, top: 28, gap: 36 }
/** Curves are means over this many stretches: single steps are mostly noise. */
const stretches = 200

export async function writeLossPlot(folder: string, lines: readonly LossLine[]): Promise<void> {
  await writeFileAtomic(join(folder, 'losses.svg'), lossPlot(lines))
}

/** The curves as an SVG document. */
export function lossPlot(lines: readonly LossLine[]): string {
  const tasks = [...new Set(lines.map(({ task }) => task))].sort()
  const shown = (Object.keys(names) as LossName[]).filter((name) =>
    lines.some(({ losses }) => losses[name] !== undefined),
  )
  const width = panel.left + panel.width + 160
  const height = panel.top + shown.length * (panel.height + panel.gap)
  const legend = tasks.map((task, i) => {
    const y = panel.top + 14 + 16 * i
    const x = panel.left + panel.width + 12
    return `<text x="${x}" y="${y}" fill="${colours[i % colours.length]}">${escaped(task)}</text>`
  })
  const panels = shown.map((name, i) =>
    panelOf(lines, name, { tasks, top: panel.top + i * (panel.height + panel.gap) }),
  )
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">`,
    '<title>Losses by step and task</title>',
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    ...legend,
    ...panels,
    '</svg>',
    '',
  ].join('\n')
}

function panelOf(
  lines: readonly LossLine[],
  name: LossName,
  { tasks, top }: { tasks: readonly string[]; top: number },
): string {
  const last = lines[lines.length - 1].step
  const curves = tasks.map((task) => smooth(lines, { task, name, last }))
  const peak = Math.max(...curves.flat().map(({ y }) => y)) || 1
  const at = ({ x, y }: Point): string =>
    `${(panel.left + (x / last) * panel.width).toFixed(1)},${(top + panel.height * (1 - y / peak)).toFixed(1)}`
  const lineOf = (curve: readonly Point[], i: number): string => {
    const colour = colours[i % colours.length]
    const points = curve.map(at)
    const [x, y] = points[0].split(',')
    if (points.length === 1) return `<circle fill="${colour}" cx="${x}" cy="${y}" r="3"/>`
    return `<polyline fill="none" stroke="${colour}" points="${points.join(' ')}"/>`
  }
  const label = (x: number, y: number, text: string, anchor: string): string =>
    `<text x="${x}" y="${y}" text-anchor="${anchor}" fill="#444">${text}</text>`
  return [
    label(panel.left, top - 8, names[name], 'start'),
    label(panel.left - 6, top + 10, peak.toPrecision(3), 'end'),
    label(panel.left - 6, top + panel.height, '0', 'end'),
    label(panel.left + panel.width, top + panel.height + 14, `step ${last}`, 'end'),
    `<rect x="${panel.left}" y="${top}" width="${panel.width}" height="${panel.height}" fill="none" stroke="#ccc"/>`,
    ...curves.map((curve, i) => (curve.length > 0 ? lineOf(curve, i) : '')),
  ].join('\n')
}

interface Point {
  readonly x: number
  readonly y: number
}

/** Means over stretches of steps. */
function smooth(
  lines: readonly LossLine[],
  { task, name, last }: { task: string; name: LossName; last: number },
): Point[] {
  const groups = new Map<number, Point[]>()
  for (const { step, task: of, losses } of lines) {
    const value = losses[name]
    if (of !== task || value === undefined) continue
    const group = Math.floor(((step - 1) * stretches) / last)
    groups.set(group, [...(groups.get(group) ?? []), { x: step, y: value }])
  }
  const mean = (points: readonly Point[], axis: keyof Point): number =>
    points.reduce((sum, point) => sum + point[axis], 0) / points.length
  return [...groups.values()].map((points) => ({ x: mean(points, 'x'), y: mean(points, 'y') }))
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
