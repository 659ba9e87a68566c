// The vocabulary of vector drawings: a drawing is a list of parts, painted in order, each with a tone instead of a colour.
import type { Path2D } from '@napi-rs/canvas'
import type { Patterned } from '../design.js'
import { accents, colours, darker, fixedTones, lighter, type Rgb } from '../palette.js'
import { type Pen, pathOf } from '../pen.js'

/** main and accent are the design's own colours, shade and light are darker and lighter main; the others are fixed. */
export type Tone = 'main' | 'accent' | 'shade' | 'light' | keyof typeof fixedTones

export interface Part {
  readonly path: Path2D
  readonly tone: Tone
  /** Set: an open line of this width; else a filled area. */
  readonly width?: number
  /** Carries the design's pattern. */
  readonly patterned: boolean
  /** Too small for an edge line. */
  readonly bare: boolean
}

/** An area in a tone; data is SVG path data in a 64-unit box. */
export const area = (tone: Tone, data: string): Part => ({ path: pathOf(data), tone, patterned: false, bare: false })

/** An area in the main colour that carries the pattern. */
export const cloth = (data: string): Part => ({ path: pathOf(data), tone: 'main', patterned: true, bare: false })

/** A small area without edge line. */
export const spot = (tone: Tone, data: string): Part => ({ path: pathOf(data), tone, patterned: false, bare: true })

/** An open line with edges. */
export const bar = (tone: Tone, width: number, data: string): Part => ({
  path: pathOf(data),
  tone,
  width,
  patterned: false,
  bare: false,
})

/** A thin line without edges. */
export const hair = (tone: Tone, width: number, data: string): Part => ({ ...bar(tone, width, data), bare: true })

/** Draws the parts of a design, in the order given, into the 64-unit box at the origin. */
export function drawParts(pen: Pen, parts: readonly Part[], design: Patterned): void {
  const tones = tonesOf(design)
  for (const part of parts) {
    const { bare } = part
    if (part.width !== undefined) pen.line(part.path, tones(part.tone), part.width, { bare })
    else if (!part.patterned) pen.area(part.path, tones(part.tone), { bare })
    else pen.area(part.path, tones(part.tone), { pattern: design.pattern, patternColour: accents[design.accent] })
  }
}

function tonesOf(design: Patterned): (tone: Tone) => Rgb {
  const main = colours[design.colour]
  const own: Partial<Record<Tone, Rgb>> = {
    main,
    accent: accents[design.accent],
    shade: darker(main, 0.35),
    light: lighter(main, 0.45),
  }
  return (tone) => own[tone] ?? fixedTones[tone as keyof typeof fixedTones]
}
