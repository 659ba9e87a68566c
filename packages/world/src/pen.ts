// A pen draws paths on a canvas in one look: a style decides how a colour fills an area and how its edge is lined.
import { Path2D, type SKRSContext2D } from '@napi-rs/canvas'
import type { Rgb } from './palette.js'
import { drawPattern, type Pattern } from './patterns.js'

/** How a style draws: what a colour becomes inside an area, and along its edge. */
export interface Look {
  readonly fill: (colour: Rgb) => Rgb
  /** What a colour becomes in patterns and in details without an edge. */
  readonly detail: (colour: Rgb) => Rgb
  /** The edge line of an area of this colour; undefined: no line. */
  readonly edge: (colour: Rgb) => Rgb | undefined
  /** Width of edge lines, in pixels at scale 1. */
  readonly edgeWidth: number
}

export interface Pen {
  /** Fills a closed path, lays a pattern over it and lines its edge. */
  area(path: Path2D, colour: Rgb, options?: { pattern?: Pattern; patternColour?: Rgb; bare?: boolean }): void
  /** Strokes an open path of a width in units, with an edge line on both sides unless bare. */
  line(path: Path2D, colour: Rgb, width: number, options?: { bare?: boolean }): void
}

export function createPen(ctx: SKRSContext2D, look: Look): Pen {
  ctx.lineJoin = 'round'
  ctx.lineCap = 'round'
  return {
    area(path, colour, { pattern = 'plain', patternColour = colour, bare = false } = {}) {
      ctx.fillStyle = css(bare ? look.detail(colour) : look.fill(colour))
      ctx.fill(path)
      if (pattern !== 'plain') {
        ctx.save()
        ctx.clip(path)
        ctx.fillStyle = ctx.strokeStyle = css(look.detail(patternColour))
        drawPattern(ctx, pattern)
        ctx.restore()
      }
      const edge = bare ? undefined : look.edge(colour)
      if (edge === undefined) return
      ctx.strokeStyle = css(edge)
      ctx.lineWidth = look.edgeWidth
      ctx.stroke(path)
    },
    line(path, colour, width, { bare = false } = {}) {
      const edge = bare ? undefined : look.edge(colour)
      if (edge !== undefined) {
        ctx.strokeStyle = css(edge)
        ctx.lineWidth = width + look.edgeWidth
        ctx.stroke(path)
      }
      ctx.strokeStyle = css(bare ? look.detail(colour) : look.fill(colour))
      ctx.lineWidth = edge === undefined ? width : Math.max(width - look.edgeWidth, width / 2)
      ctx.stroke(path)
    },
  }
}

/** A path from SVG path data, in units of the box it is drawn in. */
export function pathOf(data: string): Path2D {
  return new Path2D(data)
}

/** SVG path data of an ellipse. */
export function oval(x: number, y: number, radiusX: number, radiusY = radiusX): string {
  return `M${x - radiusX} ${y}a${radiusX} ${radiusY} 0 1 0 ${2 * radiusX} 0a${radiusX} ${radiusY} 0 1 0 ${-2 * radiusX} 0Z`
}

/** SVG path data of a rectangle with round corners. */
export function box(x: number, y: number, width: number, height: number, radius = 0): string {
  const r = radius
  const corner = (dx: number, dy: number) => (r === 0 ? '' : `a${r} ${r} 0 0 1 ${dx} ${dy}`)
  return `M${x + r} ${y}h${width - 2 * r}${corner(r, r)}v${height - 2 * r}${corner(-r, r)}h${2 * r - width}${corner(-r, -r)}v${2 * r - height}${corner(r, -r)}Z`
}

/** SVG path data of a star with five points. */
export function star(x: number, y: number, outer: number, inner: number): string {
  const points = Array.from({ length: 10 }, (_, i) => {
    const angle = (Math.PI * i) / 5 - Math.PI / 2
    const radius = i % 2 === 0 ? outer : inner
    return `${(x + radius * Math.cos(angle)).toFixed(2)} ${(y + radius * Math.sin(angle)).toFixed(2)}`
  })
  return `M${points.join('L')}Z`
}

export function css(colour: Rgb): string {
  return `rgb(${Math.round(colour[0])},${Math.round(colour[1])},${Math.round(colour[2])})`
}
