/** Cutting a large latent or picture into overlapping tiles and blending the results. Pure index and weight arithmetic. */

/** A plan in latents; pixels are `downscale` times that. All tiles have one size, so one graph serves them all. */
export interface TilePlan {
  height: number
  width: number
  tileHeight: number
  tileWidth: number
  tiles: Tile[]
}

/** First row and column of a tile, in latents. */
export interface Tile {
  top: number
  left: number
}

export interface TileOptions {
  /** Side of a tile in latents; a shorter picture gets a shorter tile. */
  tile: number
  /** Least number of latents that neighbouring tiles share; less than `tile`. */
  overlap: number
}

/** Covers height × width latents with equal tiles, spread evenly so that the last one ends at the edge. */
export function planTiles(size: { height: number; width: number }, { tile, overlap }: TileOptions): TilePlan {
  if (!(overlap >= 0 && overlap < tile))
    throw new Error(`internal: tiles: expected overlap below ${tile}, got ${overlap}`)
  const tops = tileStarts(size.height, tile, overlap)
  const lefts = tileStarts(size.width, tile, overlap)
  return {
    ...size,
    tileHeight: Math.min(tile, size.height),
    tileWidth: Math.min(tile, size.width),
    tiles: tops.flatMap((top) => lefts.map((left) => ({ top, left }))),
  }
}

function tileStarts(length: number, tile: number, overlap: number): number[] {
  if (length <= tile) return [0]
  const count = Math.ceil((length - overlap) / (tile - overlap))
  return Array.from({ length: count }, (_, i) => Math.round((i * (length - tile)) / (count - 1)))
}

/** Planes of a tensor: [channels, height, width] f32. */
export interface Planes {
  channels: number
  height: number
  width: number
  data: Float32Array
}

/** The part of `planes` under a tile; `scale` is samples per latent (1 for latents, the VAE's downscale for pixels). */
export function cropTile(planes: Planes, plan: TilePlan, tile: Tile, scale: number): Planes {
  const height = plan.tileHeight * scale
  const width = plan.tileWidth * scale
  const data = new Float32Array(planes.channels * height * width)
  for (let row = 0; row < planes.channels * height; row++) {
    const channel = Math.floor(row / height)
    const y = tile.top * scale + (row % height)
    const from = (channel * planes.height + y) * planes.width + tile.left * scale
    data.set(planes.data.subarray(from, from + width), row * width)
  }
  return { channels: planes.channels, height, width, data }
}

/**
 * Adds up processed tiles as they come: `add` each tile's [channels, tile·scale, tile·scale] once, then read `planes`.
 * Weights fall linearly towards neighbours and sum to 1 on every sample, so equal overlaps leave no seam.
 */
export function tileBlender(
  plan: TilePlan,
  options: { channels: number; scale: number },
): { add(tile: Tile, data: Float32Array): void; planes: Planes } {
  const { channels, scale } = options
  const height = plan.height * scale
  const width = plan.width * scale
  const planes: Planes = { channels, height, width, data: new Float32Array(channels * height * width) }
  const vertical = axisWeights(
    plan.height,
    plan.tileHeight,
    plan.tiles.map(({ top }) => top),
    scale,
  )
  const horizontal = axisWeights(
    plan.width,
    plan.tileWidth,
    plan.tiles.map(({ left }) => left),
    scale,
  )
  const add = (tile: Tile, data: Float32Array) => {
    const rows = vertical.get(tile.top)!
    const columns = horizontal.get(tile.left)!
    const expected = channels * rows.length * columns.length
    if (data.length !== expected) throw new Error(`internal: tile: expected ${expected} values, got ${data.length}`)
    let from = 0
    for (let c = 0; c < channels; c++) {
      for (let y = 0; y < rows.length; y++) {
        let to = (c * height + tile.top * scale + y) * width + tile.left * scale
        for (const weight of columns) planes.data[to++]! += rows[y]! * weight * data[from++]!
      }
    }
  }
  return { add, planes }
}

/**
 * Weights of every tile along one axis, by its start: ramps over what it shares with each neighbour, 1 in between,
 * divided by the sum over all tiles (three can meet when tiles are much longer than they need to be).
 */
export function axisWeights(
  length: number,
  tile: number,
  starts: readonly number[],
  scale: number,
): Map<number, Float64Array> {
  const sorted = [...new Set(starts)].sort((a, b) => a - b)
  const sums = new Float64Array(length * scale)
  const weights = new Map<number, Float64Array>()
  for (const [i, start] of sorted.entries()) {
    const before = i === 0 ? 0 : (sorted[i - 1]! + tile - start) * scale
    const after = i === sorted.length - 1 ? 0 : (start + tile - sorted[i + 1]!) * scale
    const size = tile * scale
    const ramps = Float64Array.from({ length: size }, (_, x) => {
      const rise = before === 0 ? 1 : Math.min(1, (x + 0.5) / before)
      const fall = after === 0 ? 1 : Math.min(1, (size - x - 0.5) / after)
      return Math.min(rise, fall)
    })
    for (const [x, weight] of ramps.entries()) sums[start * scale + x]! += weight
    weights.set(start, ramps)
  }
  for (const [start, ramps] of weights) {
    for (let x = 0; x < ramps.length; x++) ramps[x]! /= sums[start * scale + x]!
  }
  return weights
}
