// What an autoencoder learns by: the picture back, its edges back, and latents near a standard normal.
import { abs, add, constant, exp, maximum, minimum, mul, slice, sub, type Tensor } from '@dreamgraph/onnx'
import type { VaeConfig } from '../configs.js'
import type { Parameters } from '../parameters.js'
import { decodeImage } from '../vae/decoder.js'
import { encodeImage } from '../vae/encoder.js'
import { meanOfAll, meanSquare } from './scalars.js'

export interface AutoencoderLosses {
  /** Mean (decoded − image)². */
  readonly squares: Tensor
  /** Mean |decoded − image|. */
  readonly absolutes: Tensor
  /** Mean square of neighbouring pixels' differences in the error, both ways: what is blurred costs most here. */
  readonly edges: Tensor
  /** KL divergence of the latents from a standard normal, per latent. */
  readonly divergence: Tensor
  /** [B, 3, H, W] */
  readonly decoded: Tensor
  /** Mean of the latents' distribution, [B, C, h, w]. */
  readonly latents: Tensor
}

/** Builds the losses for image [B, 3, H, W] in −1..1 and normals ε [B, C, H/f, W/f]. Source: Kingma and Welling (arXiv 1312.6114). */
export function autoencoderLosses(
  parameters: Parameters,
  config: VaeConfig,
  { image, epsilon }: { image: Tensor; epsilon: Tensor },
): AutoencoderLosses {
  const channels = config.latentChannels
  const moments = encodeImage(parameters, config, image)
  const latents = slice(moments, { axis: 1, from: 0, to: channels })
  const rawLogVariance = slice(moments, { axis: 1, from: channels, to: 2 * channels })
  const logVariance = maximum(minimum(rawLogVariance, constant(20)), constant(-30))
  const drawn = add(latents, mul(exp(mul(logVariance, constant(0.5))), epsilon))
  const decoded = decodeImage(parameters, config, drawn)
  const error = sub(decoded, image)
  // ½(μ² + σ² − log σ² − 1)
  const divergence = mul(
    constant(0.5),
    sub(add(mul(latents, latents), exp(logVariance)), add(logVariance, constant(1))),
  )
  return {
    squares: meanSquare(error),
    absolutes: meanOfAll(abs(error)),
    edges: add(meanSquare(steps(error, 2)), meanSquare(steps(error, 3))),
    divergence: meanOfAll(divergence),
    decoded,
    latents,
  }
}

/** Differences of neighbours along an axis. */
function steps(x: Tensor, axis: number): Tensor {
  const length = x.shape[axis]
  return sub(slice(x, { axis, from: 1, to: length }), slice(x, { axis, from: 0, to: length - 1 }))
}
