// Which part of the picture listens to which reference: response maps as they leave the transformer, read for people.
// Source: DreamO (arXiv 2504.16915), routing constraint; see losses/routing.ts for the graph side.
import type { TokenGrid } from './latents.js'

/** q·kᵀ/√d of references with the picture, means over heads and over each reference's tokens. */
export interface Responses {
  /** In running order: double blocks, then single blocks. */
  readonly layers: number
  /** Slots of the references, in order. */
  readonly slots: readonly number[]
  /** The picture's tokens. */
  readonly grid: TokenGrid
  /** [layers, references, tokens] f32 */
  readonly data: Float32Array
}

/** One reference's map over the picture. */
export interface RoutingMap {
  /** Slot of the reference. */
  readonly reference: number
  /** [rows·columns] f32 */
  readonly map: Float32Array
}

/** Layers `from` … `to` (exclusive). */
export interface LayerRange {
  readonly from: number
  readonly to: number
}

/** A third of the layers each. In FLUX, early are its double blocks, and middle and late halve the single ones. */
export const layerGroups = ['early', 'middle', 'late'] as const
export type LayerGroup = (typeof layerGroups)[number]

export function layersOf(group: LayerGroup, layers: number): LayerRange {
  const third = layerGroups.indexOf(group)
  return { from: Math.floor((third * layers) / 3), to: Math.floor(((third + 1) * layers) / 3) }
}

/**
 * Each layer's map stretched to 0..1, then their mean: scores have another scale in each layer, and only where a map is
 * high says something. Over all layers unless told.
 */
export function routingMaps(
  { layers, slots, grid, data }: Responses,
  { from, to }: LayerRange = { from: 0, to: layers },
): RoutingMap[] {
  const tokens = grid.rows * grid.columns
  return slots.map((reference, i) => {
    const map = new Float32Array(tokens)
    for (let layer = from; layer < to; layer++) {
      const at = (layer * slots.length + i) * tokens
      const scores = data.subarray(at, at + tokens)
      const { least, span } = extent(scores)
      // A layer that answers everywhere alike says nothing.
      if (span > 0) for (let t = 0; t < tokens; t++) map[t] += (scores[t] - least) / span / (to - from)
    }
    return { reference, map }
  })
}

/** The mean of maps of the same references over the same tokens. */
export function meanMaps(all: readonly (readonly RoutingMap[])[]): RoutingMap[] {
  return all[0].map(({ reference }, i) => {
    const map = new Float32Array(all[0][i].map.length)
    for (const maps of all) for (const [t, value] of maps[i].map.entries()) map[t] += value / all.length
    return { reference, map }
  })
}

/** A map as people look at it: least 0, greatest 255, one byte a token; all 0 where there is nothing to see. */
export function mapBytes(map: Float32Array): Uint8Array {
  const { least, span } = extent(map)
  return Uint8Array.from(map, (value) => (span > 0 ? Math.round((255 * (value - least)) / span) : 0))
}

/**
 * How much of each reference's response lies where another one responds as well, 0 (apart) to 1 (together): the sum over
 * tokens of min(mᵢ, max over others of mⱼ), each m the part of a map above its own mean, of sum 1. Without true masks
 * nobody can say what is outside of a subject; two subjects in one place is what leaking looks like.
 */
export function leakages(maps: readonly RoutingMap[]): number[] {
  const shares = maps.map(({ map }) => aboveMean(map))
  return shares.map((mine, i) => {
    const others = shares.filter((_, j) => j !== i)
    return mine.reduce((sum, share, t) => sum + Math.min(share, Math.max(0, ...others.map((other) => other[t]))), 0)
  })
}

function aboveMean(map: Float32Array): Float64Array {
  const mean = map.reduce((sum, value) => sum + value, 0) / map.length
  const above = Float64Array.from(map, (value) => Math.max(0, value - mean))
  const total = above.reduce((sum, value) => sum + value, 0)
  return total > 0 ? above.map((value) => value / total) : above
}

/** Smallest value, and how far the largest is from it. */
function extent(values: Float32Array): { readonly least: number; readonly span: number } {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const value of values) {
    least = Math.min(least, value)
    most = Math.max(most, value)
  }
  return { least, span: most - least }
}
