// Latents to pixels without the autoencoder: one matrix, fitted to the autoencoder at hand, makes each latent a few pixels.
// Soft, and thousands of times cheaper than decoding.
import { type Autoencoder, decodePicture, encodePicture, type Latent } from './autoencoder.js'
import { cloudPicture } from './cloud-picture.js'
import type { RgbImage } from './image.js'
import { leastSquares } from './least-squares.js'
import { resizeArea } from './resize-area.js'

/** Pixels of a latent each way. On the small model's pictures 2 shows more than 1, and with 4 and 8 blocks come out. */
const side = 2

/** Pictures of 8 × 8 latents that it is fitted on: 256 samples for 17 unknowns. Twice as many bring the error from 11.7 to 11.1. */
const pictures = 4
const latentsPerPicture = 8

/** [1 + channels, side · side · 3]: what the constant 1, and then each channel, add to the bytes of a latent's pixels. */
export type Projection = readonly (readonly number[])[]

/** By what models with and without LoRA share. */
const fitted = new WeakMap<Autoencoder['vae'], Projection>()

/** The autoencoder's projection, fitted on the first call. Equal weights give equal projections. */
export async function projectionOf(model: Autoencoder, { signal }: { signal?: AbortSignal } = {}): Promise<Projection> {
  const known = fitted.get(model.vae)
  if (known) return known
  const x: number[][] = []
  const y: number[][] = []
  for (let i = 0; i < pictures; i++) {
    const latent = await encodePicture(model, cloudPicture(i, latentsPerPicture * model.vae.config.downscale), {
      signal,
    })
    // What the autoencoder makes of its latents is the aim, not the picture that it was shown.
    const decoded = await decodePicture(model, latent, { signal })
    const small = resizeArea(decoded, { width: side * latent.width, height: side * latent.height })
    const plane = latent.width * latent.height
    for (let at = 0; at < plane; at++) {
      x.push([1, ...Array.from({ length: latent.channels }, (_, c) => latent.data[c * plane + at])])
      y.push(Array.from({ length: 3 * side * side }, (_, i) => small.data[byteOf(i, at, latent.width)]))
    }
  }
  const projection = leastSquares({ x, y }, { ridge: 1e-4 })
  fitted.set(model.vae, projection)
  return projection
}

/** Latents in the transformer's scale: [C, h, w] → 2h × 2w pixels. */
export function project([constant, ...rows]: Projection, latent: Latent): RgbImage {
  const [width, height] = [side * latent.width, side * latent.height]
  const plane = latent.width * latent.height
  const bytes = new Uint8ClampedArray(3 * width * height) // rounds and clamps
  const sums = new Float32Array(plane)
  for (let i = 0; i < constant.length; i++) {
    sums.fill(constant[i])
    for (const [channel, row] of rows.entries()) {
      const [weight, from] = [row[i], channel * plane]
      for (let at = 0; at < plane; at++) sums[at] += weight * latent.data[from + at]
    }
    for (let at = 0; at < plane; at++) bytes[byteOf(i, at, latent.width)] = sums[at]
  }
  return { width, height, channels: 3, data: new Uint8Array(bytes.buffer) }
}

/** Where byte i of the pixels of latent `at` lies in a picture of `side` pixels a latent; i counts rows, columns, colours. */
function byteOf(i: number, at: number, latentsPerRow: number): number {
  const y = side * Math.floor(at / latentsPerRow) + Math.floor(i / (3 * side))
  const x = side * (at % latentsPerRow) + (Math.floor(i / 3) % side)
  return 3 * (y * side * latentsPerRow + x) + (i % 3)
}
