// Patterns that cover an area, in the units of a 64-unit box. They are anchored to the box, so a thing carries its pattern along.
import type { SKRSContext2D } from '@napi-rs/canvas'

/** Pattern → how a caption says it after "with", with the second colour in front; plain things are "red and white" instead. */
export const patternPhrases = {
  plain: '',
  stripes: 'stripes',
  dots: 'dots',
  checks: 'checks',
  zigzags: 'zigzags',
  stars: 'stars',
} as const

export type Pattern = keyof typeof patternPhrases
export const patternNames = Object.keys(patternPhrases) as Pattern[]

/** Draws a pattern over 0..64 in both axes in the current fill and stroke colour; the caller has set the clip. */
export function drawPattern(ctx: SKRSContext2D, pattern: Exclude<Pattern, 'plain'>): void {
  ctx.beginPath()
  if (pattern === 'stripes') stripes(ctx)
  else if (pattern === 'dots') dots(ctx)
  else if (pattern === 'checks') checks(ctx)
  else if (pattern === 'zigzags') zigzags(ctx)
  else stars(ctx)
}

function stripes(ctx: SKRSContext2D): void {
  for (let x = 2; x < 64; x += 9) ctx.rect(x, -8, 4.2, 80)
  ctx.fill()
}

function dots(ctx: SKRSContext2D): void {
  for (let row = 0; row < 9; row++) {
    for (let x = row % 2 === 0 ? 3 : 7.5; x < 66; x += 9) {
      const y = 1 + row * 8
      ctx.moveTo(x + 2.5, y)
      ctx.arc(x, y, 2.5, 0, 2 * Math.PI)
    }
  }
  ctx.fill()
}

function checks(ctx: SKRSContext2D): void {
  for (let row = 0; row < 11; row++) {
    for (let column = row % 2; column < 11; column += 2) ctx.rect(column * 6, row * 6, 6, 6)
  }
  ctx.fill()
}

function zigzags(ctx: SKRSContext2D): void {
  for (let y = 0; y < 72; y += 10) {
    ctx.moveTo(-4, y)
    for (let step = 1; step <= 14; step++) ctx.lineTo(-4 + step * 5, y + (step % 2 === 0 ? 0 : 5.5))
  }
  ctx.lineWidth = 2.8
  ctx.stroke()
}

function stars(ctx: SKRSContext2D): void {
  for (let row = 0; row < 6; row++) {
    for (let x = row % 2 === 0 ? 6 : 13; x < 66; x += 14) starAt(ctx, x, 4 + row * 11)
  }
  ctx.fill()
}

function starAt(ctx: SKRSContext2D, x: number, y: number): void {
  for (let i = 0; i < 10; i++) {
    const angle = (Math.PI * i) / 5 - Math.PI / 2
    const radius = i % 2 === 0 ? 4.8 : 2
    const [px, py] = [x + radius * Math.cos(angle), y + radius * Math.sin(angle)]
    if (i === 0) ctx.moveTo(px, py)
    else ctx.lineTo(px, py)
  }
  ctx.closePath()
}
