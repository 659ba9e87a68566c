/** Layouts of latents and tokens: 2×2 packing, position ids, normalisation. Pure index work on the host. */
import { DreamoError } from './errors.js'

export interface LatentShape {
  batch: number
  channels: number
  height: number
  width: number
}

/** A grid of tokens: one token per 2×2 latents, that is per 16×16 pixels. */
export interface TokenGrid {
  rows: number
  columns: number
}

/** Pixels per token, each way: the VAE's factor 8 times the 2×2 patch. */
export const PIXELS_PER_TOKEN = 16

/** Packs latents. [B, C, H, W] f32 → [B, H/2·W/2, 4C], channel order (c, dy, dx); H, W even. */
export function packLatents(latents: Float32Array, shape: LatentShape): Float32Array {
  const packed = new Float32Array(latents.length)
  visitPatches(latents.length, shape, (plain, token) => {
    packed[token] = latents[plain]!
  })
  return packed
}

/** Undoes packLatents. [B, H/2·W/2, 4C] f32 → [B, C, H, W]; `shape` is that of the result. */
export function unpackLatents(packed: Float32Array, shape: LatentShape): Float32Array {
  const latents = new Float32Array(packed.length)
  visitPatches(packed.length, shape, (plain, token) => {
    latents[plain] = packed[token]!
  })
  return latents
}

/** Calls `visit` with the matching offsets into [B, C, H, W] and [B, tokens, 4C]. */
function visitPatches(size: number, shape: LatentShape, visit: (plain: number, token: number) => void): void {
  const { batch, channels, height, width } = shape
  if (height % 2 || width % 2) {
    throw new DreamoError('dreamo/size-invalid', `latents: expected even height and width, got ${height}×${width}`)
  }
  const expected = batch * channels * height * width
  if (size !== expected) throw new Error(`internal: latents: expected ${expected} values, got ${size}`)
  const tokens = (height / 2) * (width / 2)
  let plain = 0
  for (let b = 0; b < batch; b++) {
    for (let c = 0; c < channels; c++) {
      for (let y = 0; y < height; y++) {
        const row = (y >> 1) * (width / 2)
        for (let x = 0; x < width; x++) {
          const channel = c * 4 + (y & 1) * 2 + (x & 1)
          visit(plain++, (b * tokens + row + (x >> 1)) * channels * 4 + channel)
        }
      }
    }
  }
}

/** Latents as the transformer sees them: (x - shift) · scale, float32 at each step. New array. */
export function normalizeLatents(latents: Float32Array, vae: LatentStatistics): Float32Array {
  const shift = Math.fround(vae.shiftFactor)
  const scale = Math.fround(vae.scalingFactor)
  return latents.map((x) => Math.fround(x - shift) * scale)
}

/** Latents as the VAE decoder sees them: x / scale + shift, float32 at each step. New array. */
export function denormalizeLatents(latents: Float32Array, vae: LatentStatistics): Float32Array {
  const shift = Math.fround(vae.shiftFactor)
  const scale = Math.fround(vae.scalingFactor)
  return latents.map((x) => Math.fround(x / scale) + shift)
}

/** The two numbers of a VAE's config that latents are normalised by. */
export interface LatentStatistics {
  shiftFactor: number
  scalingFactor: number
}

/**
 * Position ids (0, row, column) of image tokens and then of each reference: [tokens, 3] i32.
 * A reference starts where the one before it ended, in rows *and* columns, so references lie on a diagonal behind the image.
 */
export function positionIds(image: TokenGrid, references: readonly TokenGrid[] = []): Int32Array {
  const grids = [image, ...references]
  const ids = new Int32Array(3 * grids.reduce((sum, grid) => sum + grid.rows * grid.columns, 0))
  let firstRow = 0
  let firstColumn = 0
  let out = 0
  for (const { rows, columns } of grids) {
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        ids[out + 1] = firstRow + row
        ids[out + 2] = firstColumn + column
        out += 3
      }
    }
    firstRow += rows
    firstColumn += columns
  }
  return ids
}

/** Position ids of the whole sequence [text, image, references]: text tokens all sit at (0, 0, 0). [tokens, 3] i32. */
export function sequenceIds(textTokens: number, imageIds: Int32Array): Int32Array {
  const ids = new Int32Array(textTokens * 3 + imageIds.length)
  ids.set(imageIds, textTokens * 3)
  return ids
}

/** Token grid of a picture of height×width pixels, floored to multiples of 16. Throws size-invalid below 16. */
export function tokenGrid(size: { height: number; width: number }, where = 'picture'): TokenGrid {
  const { height, width } = size
  if (!(height >= PIXELS_PER_TOKEN && width >= PIXELS_PER_TOKEN)) {
    const rule = `at least ${PIXELS_PER_TOKEN}×${PIXELS_PER_TOKEN} pixels`
    throw new DreamoError('dreamo/size-invalid', `${where}: expected ${rule}, got ${height}×${width}`)
  }
  return { rows: Math.floor(height / PIXELS_PER_TOKEN), columns: Math.floor(width / PIXELS_PER_TOKEN) }
}
