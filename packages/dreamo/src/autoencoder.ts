// Pictures to latents and back, whole or in overlapping tiles.
import { input } from '@dreamgraph/onnx'
import type { TensorData } from '@dreamgraph/runtime'
import { DreamoError } from './errors.js'
import { imageToTensor, type RgbImage, tensorToImage } from './image.js'
import { denormalizeLatents, normalizeLatents } from './latents.js'
import type { Model } from './model.js'
import { parametersOf } from './parameters.js'
import { cropTile, type Planes, planTiles, tileBlender } from './tiling.js'
import { decodeImage } from './vae/decoder.js'
import { encodeImage } from './vae/encoder.js'

/** What of a model turns pictures into latents and back. */
export type Autoencoder = Pick<Model, 'vae' | 'sessions'>

/** Latents in the transformer's scale: [channels, height, width] f32. */
export type Latent = Planes

export interface TilingOptions {
  /** Side of a tile in pixels; pictures that fit into one are not cut. */
  readonly tile: number
  /** Least number of pixels that neighbouring tiles share. */
  readonly overlap: number
}

export interface AutoencoderOptions {
  readonly tiling?: TilingOptions
  readonly signal?: AbortSignal
  /** After each tile. */
  readonly onTile?: (done: number, total: number) => void
}

/**
 * A picture from latents in the transformer's scale: [C, h, w] → f·h × f·w pixels. Tiles bound the memory; group norms
 * then see a tile each, so colours may shift slightly against the picture made in one piece.
 */
export async function decodePicture(
  model: Autoencoder,
  latent: Latent,
  options: AutoencoderOptions = {},
): Promise<RgbImage> {
  const { config } = model.vae
  const planes = { ...latent, data: denormalizeLatents(latent.data, config) }
  const decoded = await overTiles(
    planes,
    config.outChannels,
    [1, config.downscale],
    config.downscale,
    options,
    (tile) => decodeLatents(model, tile, options),
  )
  return tensorToImage(decoded.data, decoded)
}

/**
 * Latents of a picture in the transformer's scale: sides divisible by f. With `epsilon` (as many normals as latents) a
 * draw from the encoder's distribution, else its mean. Throws dreamo/size-invalid.
 */
export async function encodePicture(
  model: Autoencoder,
  image: RgbImage,
  { epsilon, ...options }: AutoencoderOptions & { readonly epsilon?: (length: number) => Float32Array } = {},
): Promise<Latent> {
  const { config } = model.vae
  const factor = config.downscale
  const { height, width } = image
  if (height % factor || width % factor) {
    throw new DreamoError(
      'dreamo/size-invalid',
      `picture: expected sides divisible by ${factor}, got ${height}×${width}`,
    )
  }
  const planes = { channels: config.inChannels, height, width, data: imageToTensor(image) }
  const channels = 2 * config.latentChannels
  const moments = await overTiles(planes, channels, [factor, 1], factor, options, (tile) =>
    encodeMoments(model, tile, options),
  )
  const shape = [1, moments.channels, moments.height, moments.width]
  const drawn = sampleMoments({ dtype: 'float32', shape, data: moments.data }, epsilon?.(moments.data.length / 2))
  return { ...moments, channels: config.latentChannels, data: normalizeLatents(drawn, config) }
}

/** Runs a model over the tiles of an input and blends what comes out. `scales` are samples per latent, in and out. */
async function overTiles(
  planes: Planes,
  outChannels: number,
  [scaleIn, scaleOut]: readonly [number, number],
  factor: number,
  { tiling, onTile }: AutoencoderOptions,
  run: (tile: TensorData) => Promise<TensorData>,
): Promise<Planes> {
  const size = { height: planes.height / scaleIn, width: planes.width / scaleIn }
  const whole = { tile: Math.max(size.height, size.width), overlap: 0 }
  const cut = tiling && { tile: Math.round(tiling.tile / factor), overlap: Math.round(tiling.overlap / factor) }
  if (cut && !(cut.tile >= 2 && cut.overlap >= 0 && cut.overlap < cut.tile)) {
    const rule = `an overlap below the tile size, both in whole latents of ${factor} pixels`
    throw new DreamoError('dreamo/size-invalid', `tiles: expected ${rule}, got ${tiling.tile} and ${tiling.overlap}`)
  }
  const plan = planTiles(size, cut ?? whole)
  const blender = tileBlender(plan, { channels: outChannels, scale: scaleOut })
  for (const [i, tile] of plan.tiles.entries()) {
    const { channels, height, width, data } = cropTile(planes, plan, tile, scaleIn)
    const result = await run({ dtype: 'float32', shape: [1, channels, height, width], data })
    onTile?.(i + 1, plan.tiles.length)
    if (plan.tiles.length === 1) return { ...blender.planes, data: result.data as Float32Array }
    blender.add(tile, result.data as Float32Array)
  }
  return blender.planes
}

/** Encoder output for an image [1, 3, H, W] in −1..1: → [1, 2·channels, H/f, W/f], mean then log-variance. */
export async function encodeMoments(
  { vae, sessions }: Autoencoder,
  image: TensorData,
  { signal }: { signal?: AbortSignal } = {},
): Promise<TensorData> {
  const { config, weights } = vae
  const session = await sessions.built(weights, `encoder ${image.shape}`, () =>
    sessions.of('VAE encoder', { moments: encodeImage(parametersOf(weights), config, input('image', image.shape)) }),
  )
  return (await session.run({ image }, { signal })).moments
}

/** Decoder output for latents [1, channels, h, w], already scaled and shifted back: → [1, 3, f·h, f·w], not clamped. */
export async function decodeLatents(
  { vae, sessions }: Autoencoder,
  latents: TensorData,
  { signal }: { signal?: AbortSignal } = {},
): Promise<TensorData> {
  const { config, weights } = vae
  const session = await sessions.built(weights, `decoder ${latents.shape}`, () =>
    sessions.of('VAE decoder', { image: decodeImage(parametersOf(weights), config, input('latents', latents.shape)) }),
  )
  return (await session.run({ latents }, { signal })).image
}

/**
 * Latents from moments: mean + e^(½·logvar)·ε with the log-variance clamped to [−30, 20]; the mean alone without ε.
 * moments [1, 2C, h, w] → [1, C, h, w].
 */
export function sampleMoments(moments: TensorData, epsilon?: Float32Array): Float32Array {
  const data = moments.data as Float32Array
  const size = data.length / 2
  const mean = data.subarray(0, size)
  if (!epsilon) return mean.slice()
  return mean.map((m, i) => {
    const logVariance = Math.min(20, Math.max(-30, data[size + i]))
    return m + Math.fround(Math.fround(Math.exp(Math.fround(0.5 * logVariance))) * epsilon[i])
  })
}
