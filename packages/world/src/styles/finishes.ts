// Finishes of the whole picture. Each new pixel depends only on the old one and its place, so a finish moves no edge and no mask.
import { luma, mix, type Rgb } from '../palette.js'
import { smoothNoise, speckle } from './noise.js'

/** The new colour of the pixel at x, y. */
export type Finish = (colour: Rgb, x: number, y: number, seed: number) => Rgb

const paper: Rgb = [255, 252, 243]

/** A screen of printed dots on middle tones. */
export const halftone: Finish = (colour, x, y) => {
  const tone = luma(colour)
  if (tone < 60 || tone > 238) return colour
  const onDot = (x + y) % 4 < 2 && (x - y + 512) % 4 < 2
  return onDot ? mix(colour, [30, 20, 50], 0.2) : mix(colour, [255, 255, 255], 0.08)
}

/** Hatching: one set of strokes where it is shaded, a second across where it is dark. */
export const hatching: Finish = (colour, x, y, seed) => {
  const tone = luma(colour)
  const grain = 0.94 + 0.06 * speckle(x, y, seed)
  let gray = Math.min(252, tone + 6)
  if (tone < 226 && (x + y) % 5 === 0) gray -= 46
  if (tone < 196 && (x - y + 500) % 5 === 0) gray -= 46
  return [gray * grain, gray * grain, (gray + 1) * grain]
}

/** Thin pigment in pools over paper grain. */
export const wash: Finish = (colour, x, y, seed) => {
  const pools = smoothNoise(x / 11, y / 11, seed) * 0.6 + smoothNoise(x / 4, y / 4, seed + 1) * 0.4
  const grain = 0.95 + 0.05 * speckle(x, y, seed)
  const thin = mix(colour, paper, 0.06 + 0.4 * pools)
  return [thin[0] * grain, thin[1] * grain, thin[2] * grain]
}

/** Waxy strokes along one diagonal that leave paper between them. */
export const wax: Finish = (colour, x, y, seed) => {
  const along = smoothNoise((x + y) / 15, (x - y) / 1.5, seed)
  const tooth = speckle(x, y, seed + 7)
  const bare = along > 0.66 ? 0.5 : along > 0.55 ? 0.25 : 0.03
  return mix(colour, paper, Math.min(0.85, bare + (tooth > 0.86 ? 0.2 : 0)))
}

/** Brightness as a ramp between two inks. */
export const duotone: Finish = (colour) => mix([44, 22, 104], [255, 222, 160], luma(colour) / 255)
