/** The way of a link: a smooth curve from right to left edges, through its waypoints. */
import type { Point } from '../document/graph.js'

/** One Bézier piece: start, two handles, end. */
export type Piece = readonly [Point, Point, Point, Point]

const shortestHandle = 24
const longestHandle = 160

export function curvePieces(from: Point, to: Point, through: readonly Point[] = []): Piece[] {
  const points = [from, ...through, to]
  return points.slice(1).map((end, index) => {
    const start = points[index]!
    const reach = Math.abs(end.x - start.x) / 2 + (end.x < start.x ? 60 : 0)
    const handle = Math.min(Math.max(reach, shortestHandle), longestHandle)
    return [start, { x: start.x + handle, y: start.y }, { x: end.x - handle, y: end.y }, end]
  })
}

export function traceCurve(path: Path2D | CanvasRenderingContext2D, pieces: readonly Piece[]): void {
  for (const [start, a, b, end] of pieces) {
    path.moveTo(start.x, start.y)
    path.bezierCurveTo(a.x, a.y, b.x, b.y, end.x, end.y)
  }
}

/** For SVG. */
export const curvePath = (pieces: readonly Piece[]): string =>
  pieces.map(([s, a, b, e]) => `M${s.x} ${s.y}C${a.x} ${a.y} ${b.x} ${b.y} ${e.x} ${e.y}`).join('')

export function curvePoint([p0, p1, p2, p3]: Piece, t: number): Point {
  const u = 1 - t
  const blend = (a: number, b: number, c: number, d: number): number =>
    u * u * u * a + 3 * u * u * t * b + 3 * u * t * t * c + t * t * t * d
  return { x: blend(p0.x, p1.x, p2.x, p3.x), y: blend(p0.y, p1.y, p2.y, p3.y) }
}

const samples = 24

/** Distance of a point from the curve, and which piece is nearest. Sampled: good to a pixel for links. */
export function curveDistance(pieces: readonly Piece[], point: Point): { distance: number; piece: number } {
  let distance = Number.POSITIVE_INFINITY
  let piece = 0
  pieces.forEach((part, index) => {
    let last = part[0]
    for (let step = 1; step <= samples; step++) {
      const next = curvePoint(part, step / samples)
      const found = segmentDistance(last, next, point)
      if (found < distance) {
        distance = found
        piece = index
      }
      last = next
    }
  })
  return { distance, piece }
}

function segmentDistance(a: Point, b: Point, { x, y }: Point): number {
  const dx = b.x - a.x
  const dy = b.y - a.y
  const length = dx * dx + dy * dy
  const t = length === 0 ? 0 : Math.min(1, Math.max(0, ((x - a.x) * dx + (y - a.y) * dy) / length))
  return Math.hypot(x - a.x - t * dx, y - a.y - t * dy)
}
