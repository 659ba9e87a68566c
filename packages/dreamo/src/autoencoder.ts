// Pictures to latents and back, whole or in tiles.
import { input } from '@dreamgraph/onnx'
import type { TensorData } from '@dreamgraph/runtime'
import type { Model } from './model.js'
import { parametersOf } from './parameters.js'
import { decodeImage } from './vae/decoder.js'
import { encodeImage } from './vae/encoder.js'

/** Encoder output for an image [1, 3, H, W] in −1..1: → [1, 2·channels, H/f, W/f], mean then log-variance. */
export async function encodeMoments(
  { vae, sessions }: Model,
  image: TensorData,
  { signal }: { signal?: AbortSignal } = {},
): Promise<TensorData> {
  const { config, weights } = vae
  const session = await sessions.of('VAE encoder', {
    moments: encodeImage(parametersOf(weights), config, input('image', image.shape)),
  })
  return (await session.run({ image }, { signal })).moments
}

/** Decoder output for latents [1, channels, h, w], already scaled and shifted back: → [1, 3, f·h, f·w], not clamped. */
export async function decodeLatents(
  { vae, sessions }: Model,
  latents: TensorData,
  { signal }: { signal?: AbortSignal } = {},
): Promise<TensorData> {
  const { config, weights } = vae
  const session = await sessions.of('VAE decoder', {
    image: decodeImage(parametersOf(weights), config, input('latents', latents.shape)),
  })
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
