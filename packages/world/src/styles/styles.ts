// Rendering styles: how lines and fills look, what happens to each layer, and a finish over the picture.
import { darker, lighter, luma, mix, type Rgb } from '../palette.js'
import type { Look } from '../pen.js'
import { duotone, type Finish, halftone, hatching, wash, wax } from './finishes.js'
import { bleed, blocks, type LayerFilter, wobble } from './layer-filters.js'

export interface Style {
  readonly look: Look
  readonly layerFilters: readonly LayerFilter[]
  readonly finish?: Finish
  /** Whether the colours that captions name can still be told from the picture. */
  readonly keepsColours: boolean
}

const same = (colour: Rgb): Rgb => colour
const ink: Rgb = [24, 20, 32]

const toned: Look = { fill: same, detail: same, edge: (colour) => darker(colour, 0.45), edgeWidth: 1.4 }
const blocky: Look = { ...toned, edge: (colour) => darker(colour, 0.6), edgeWidth: 2.8 } // else blocks swallow the edges
const wet: Look = { ...toned, edge: (colour) => darker(colour, 0.28), edgeWidth: 1.3 }
const inked: Look = { fill: (colour) => vivid(colour, 0.18), detail: same, edge: () => ink, edgeWidth: 2.5 }
const pencilled: Look = {
  fill: (colour) => gray(150 + luma(colour) * 0.42),
  detail: (colour) => gray(60 + luma(colour) * 0.75),
  edge: () => [52, 52, 58],
  edgeWidth: 1.7,
}
const waxy: Look = { ...toned, edge: (colour) => darker(colour, 0.3), edgeWidth: 2.4 }
const glowing: Look = {
  fill: (colour) => mix([10, 8, 26], colour, 0.24),
  detail: lit,
  edge: lit,
  edgeWidth: 1.8,
}

/** Style → how it is drawn. The key, before "style", is what captions say. */
export const styles = {
  flat: { look: toned, layerFilters: [], keepsColours: true },
  comic: { look: inked, layerFilters: [], finish: halftone, keepsColours: true },
  pencil: { look: pencilled, layerFilters: [wobble(1.2, 9)], finish: hatching, keepsColours: false },
  watercolor: { look: wet, layerFilters: [wobble(1.7, 8), bleed], finish: wash, keepsColours: true },
  'pixel art': { look: blocky, layerFilters: [blocks(4, 7)], keepsColours: true },
  crayon: { look: waxy, layerFilters: [wobble(1.4, 3)], finish: wax, keepsColours: true },
  duotone: { look: toned, layerFilters: [], finish: duotone, keepsColours: false },
  neon: { look: glowing, layerFilters: [], keepsColours: false },
} as const satisfies Record<string, Style>

export type StyleName = keyof typeof styles
export const styleNames = Object.keys(styles) as StyleName[]

function gray(value: number): Rgb {
  const level = Math.min(250, value)
  return [level, level, level]
}

/** Away from its own gray by a share. */
function vivid(colour: Rgb, share: number): Rgb {
  const level = gray(luma(colour))
  return mix(level, colour, 1 + share).map((channel) => Math.max(0, Math.min(255, channel))) as unknown as Rgb
}

/** As bright as the hue allows, a little towards white. */
function lit(colour: Rgb): Rgb {
  const scale = 255 / Math.max(...colour)
  return lighter([colour[0] * scale, colour[1] * scale, colour[2] * scale], 0.12)
}
