// What the painters of places share. A place is painted over a region of 64 or 128 by 128 pixels, horizon near 0.7.
import type { Rgb } from '../palette.js'
import { type Pen, pathOf } from '../pen.js'
import type { Rng } from '../rng.js'

/** Paints a place over x 0..width, y 0..128; what may vary within the place comes from rng. */
export type PlacePainter = (pen: Pen, width: number, rng: Rng) => void

/** Fills SVG path data, or strokes it where a width is given. */
export type Fill = (data: string, colour: Rgb, strokeWidth?: number) => void

export interface Shapes {
  readonly fill: Fill
  /** Fills what is too small for an edge line: flakes, petals, pebbles. */
  readonly dot: (data: string, colour: Rgb) => void
}

export function shapes(pen: Pen): Shapes {
  return {
    fill(data, colour, strokeWidth) {
      // Thin strokes are drawn bare: with edge lines they would be nothing but edges.
      if (strokeWidth !== undefined) pen.line(pathOf(data), colour, strokeWidth, { bare: strokeWidth < 4 })
      else pen.area(pathOf(data), colour)
    },
    dot: (data, colour) => pen.area(pathOf(data), colour, { bare: true }),
  }
}

/** A hilly ground from a height down to the picture's end. */
export function ridge(width: number, y: number, swing: number, rng: Rng): string {
  const steps = Math.ceil(width / 32)
  let data = `M-4 ${y + rng.between(-swing, swing)}`
  for (let i = 1; i <= steps; i++) {
    const x = i * 32 + 4
    data += `Q${x - 18} ${(y + rng.between(-swing, swing)).toFixed(1)} ${x} ${(y + rng.between(-swing, swing) / 2).toFixed(1)}`
  }
  return `${data}V132H-4Z`
}

export function cloud(fill: Fill, x: number, y: number): void {
  fill(`M${x - 16} ${y + 6}a7 7 0 0 1 4 -12a10 9 0 0 1 18 -2a7 7 0 0 1 8 14Z`, [250, 252, 255])
}

/** Calls back with 0..count−1 and gathers what comes back. */
export function times<T>(count: number, draw: (i: number) => T): T[] {
  return Array.from({ length: count }, (_, i) => draw(i))
}
