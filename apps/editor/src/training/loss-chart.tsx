/** One loss over steps, a curve for each task. The plotting library is loaded with the first of these. */
import { useEffect, useRef, useState } from 'react'
import type uPlot from 'uplot'
import type { Theme } from '../theme/theme.js'
import type { Curves } from './stages.js'

type Plot = typeof uPlot
let library: Promise<Plot> | undefined

async function loadLibrary(): Promise<Plot> {
  const [{ default: Plot }] = await Promise.all([import('uplot'), import('uplot/dist/uPlot.min.css')])
  return Plot
}

/** Okabe and Ito's palette, as in the plots of the command line, lightened where a dark page needs it. */
const colors = {
  light: ['#0072b2', '#d55e00', '#00795a', '#a8528a', '#8a6100', '#2b7fb0', '#4d4d4d', '#6b4fbb'],
  dark: ['#4aa8e0', '#f08a4b', '#3cc9a0', '#e39bc6', '#e6b84c', '#8fd0f5', '#c3c8d4', '#b3a1f5'],
} as const

export const taskColor = (index: number, theme: Theme): string => colors[theme][index % colors[theme].length]!

interface LossChartProps {
  readonly curves: Curves
  readonly tasks: readonly string[]
  readonly title: string
  readonly theme: Theme
  readonly isLogarithmic: boolean
}

const height = 168

export function LossChart({ curves, tasks, title, theme, isLogarithmic }: LossChartProps) {
  const holder = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot | undefined>(undefined)
  const [Plot, setPlot] = useState<Plot | undefined>(undefined)
  const newest = useRef(curves)
  newest.current = curves
  useEffect(() => {
    library ??= loadLibrary().catch((cause) => {
      library = undefined // the server may be away; the next chart may have it
      throw cause
    })
    let isGone = false
    library.then(
      (loaded) => !isGone && setPlot(() => loaded),
      () => {}, // the curves' table is there without it
    )
    return () => {
      isGone = true
    }
  }, [])

  const names = tasks.join('\n')
  useEffect(() => {
    const element = holder.current
    if (!Plot || !element) return
    const style = getComputedStyle(element)
    const color = (name: string): string => style.getPropertyValue(name).trim()
    const axis = { stroke: color('--text-dim'), grid: { stroke: color('--line'), width: 1 }, ticks: { show: false } }
    const made = new Plot(
      {
        width: element.clientWidth || 300,
        height,
        legend: { show: false },
        cursor: { points: { size: 5 }, drag: { x: true, y: false } },
        scales: { x: { time: false }, y: { distr: isLogarithmic ? 3 : 1 } },
        axes: [
          { ...axis, size: 26, font: axisFont },
          { ...axis, size: 46, font: axisFont, values: (_, ticks) => ticks.map(shortNumber) },
        ],
        series: [
          {},
          ...names.split('\n').map((label, index) => ({
            label,
            stroke: taskColor(index, theme),
            width: 1.5,
            spanGaps: true,
            points: { show: false },
          })),
        ],
        hooks: { draw: [(chart) => drawStarts(chart, newest.current.starts, color('--text-dim'))] },
      },
      [newest.current.x, ...newest.current.y],
      element,
    )
    plot.current = made
    const resized = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height }))
    resized.observe(element)
    return () => {
      resized.disconnect()
      made.destroy()
      plot.current = undefined
    }
  }, [Plot, names, theme, isLogarithmic])

  useEffect(() => {
    plot.current?.setData([curves.x, ...curves.y])
  }, [curves])
  return <div ref={holder} className="loss-chart" role="img" aria-label={`${title}, as in the table below`} />
}

const axisFont = '11px system-ui, sans-serif'

const shortNumber = (value: number | null): string =>
  value === null ? '' : Math.abs(value) >= 0.01 || value === 0 ? `${+value.toPrecision(3)}` : value.toExponential(0)

/** A line with a name where each stage but the first begins. */
function drawStarts({ ctx, bbox, valToPos }: uPlot, starts: Curves['starts'], color: string): void {
  const ratio = window.devicePixelRatio
  ctx.save()
  ctx.strokeStyle = color
  ctx.fillStyle = color
  ctx.font = `${10 * ratio}px system-ui, sans-serif`
  ctx.textBaseline = 'top'
  ctx.textAlign = 'left'
  for (const { name, at } of starts) {
    const x = Math.max(bbox.left, valToPos(at, 'x', true))
    ctx.beginPath()
    ctx.setLineDash([3 * ratio, 3 * ratio])
    ctx.moveTo(x, bbox.top)
    ctx.lineTo(x, bbox.top + bbox.height)
    if (at > 0) ctx.stroke()
    ctx.fillText(name, x + 4 * ratio, bbox.top + 2 * ratio, 90 * ratio)
  }
  ctx.restore()
}
