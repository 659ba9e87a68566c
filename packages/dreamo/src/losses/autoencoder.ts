// What an autoencoder learns by: the picture back, its edges back, and latents near a standard normal.
import {
  abs,
  add,
  constant,
  exp,
  maximum,
  mean,
  minimum,
  mul,
  reshape,
  slice,
  sqrt,
  sub,
  type Tensor,
} from '@dreamgraph/onnx'
import type { VaeConfig } from '../configs.js'
import type { Parameters } from '../parameters.js'
import { decodeImage } from '../vae/decoder.js'
import { encodeImage } from '../vae/encoder.js'
import { meanOfAll } from './scalars.js'

export interface AutoencoderInputs {
  /** [B, 3, H, W] in −1..1. */
  readonly image: Tensor
  /** Normals, [B, C, H/f, W/f]. */
  readonly epsilon: Tensor
  /** What each pixel counts, 1 in the mean: [B, 1, H, W]. All the same unless given. */
  readonly pixelWeights?: Tensor
  /**
   * Noise beside the latents' own, in units of their root mean square: [B, 1, 1, 1]. What a sampler makes is off by as much, and
   * a decoder that has only met what the encoder writes takes it for detail; latents learn to say loudly what shows most.
   */
  readonly noise?: Tensor
}

/** What a decoded picture is off by. */
export interface PictureLosses {
  /** Mean (decoded − image)². */
  readonly squares: Tensor
  /** Mean |decoded − image|. */
  readonly absolutes: Tensor
  /** Mean square of the error less its mean over red, green and blue: what is off in hue, which small coloured things lose first. */
  readonly colours: Tensor
  /** Mean square of neighbouring pixels' differences in the error, both ways: what is blurred costs most here. */
  readonly edges: Tensor
  /**
   * Mean square of what the deviation within a square of pixels is off by, squares of 4 and of 8, each channel by itself. Where
   * the strokes of a texture lie is lost in the latents, and the least squares are then none at all: this asks for as many.
   */
  readonly contrast: Tensor
}

export interface AutoencoderLosses extends PictureLosses {
  /** KL divergence of the latents from a standard normal, per latent. */
  readonly divergence: Tensor
  /** [B, 3, H, W] */
  readonly decoded: Tensor
  /** Mean of the latents' distribution, [B, C, h, w]. */
  readonly latents: Tensor
}

/** Builds the losses, scalars. Source: Kingma and Welling (arXiv 1312.6114); weights, colours, contrast and noise are our own. */
export function autoencoderLosses(
  parameters: Parameters,
  config: VaeConfig,
  { image, epsilon, pixelWeights, noise }: AutoencoderInputs,
): AutoencoderLosses {
  const channels = config.latentChannels
  const moments = encodeImage(parameters, config, image)
  const latents = slice(moments, { axis: 1, from: 0, to: channels })
  const rawLogVariance = slice(moments, { axis: 1, from: channels, to: 2 * channels })
  const logVariance = maximum(minimum(rawLogVariance, constant(20)), constant(-30))
  const own = exp(mul(logVariance, constant(0.5)))
  const deviation = noise ? add(own, mul(noise, rootMeanSquare(latents))) : own
  const decoded = decodeImage(parameters, config, add(latents, mul(deviation, epsilon)))
  // ½(μ² + σ² − log σ² − 1)
  const divergence = mul(
    constant(0.5),
    sub(add(mul(latents, latents), exp(logVariance)), add(logVariance, constant(1))),
  )
  return {
    ...pictureLosses(decoded, image, pixelWeights),
    divergence: meanOfAll(divergence),
    decoded,
    latents,
  }
}

/**
 * Builds what a decoded picture is off by: [B, 3, H, W] each, weights [B, 1, H, W] → scalars. `contrast` wants sides that are
 * multiples of 8.
 */
export function pictureLosses(decoded: Tensor, image: Tensor, pixelWeights?: Tensor): PictureLosses {
  const error = sub(decoded, image)
  const hue = sub(error, mean(error, { axes: [1] }))
  /** By what pixels count; of differences along an axis, what the latter of the two does. */
  const weighed = (x: Tensor, along?: number): Tensor =>
    pixelWeights ? mul(x, along === undefined ? pixelWeights : latter(pixelWeights, along)) : x
  const square = (x: Tensor, along?: number): Tensor => meanOfAll(weighed(mul(x, x), along))
  const contrastOf = (side: number): Tensor => {
    const off = sub(deviationWithin(decoded, side), deviationWithin(image, side))
    const squared = mul(off, off)
    return meanOfAll(pixelWeights ? mul(squared, meanWithin(squaresOf(pixelWeights, side))) : squared)
  }
  return {
    squares: square(error),
    absolutes: meanOfAll(weighed(abs(error))),
    colours: square(hue),
    edges: add(square(steps(error, 2), 2), square(steps(error, 3), 3)),
    contrast: add(contrastOf(4), contrastOf(8)),
  }
}

/** [B, C, H, W] → [B, C, H/side, side, W/side, side] */
function squaresOf(x: Tensor, side: number): Tensor {
  const [batch, channels, height, width] = x.shape
  return reshape(x, { shape: [batch, channels, height / side, side, width / side, side] })
}

/** Over each of the squares; these axes stay, with one. */
const meanWithin = (squares: Tensor): Tensor => mean(squares, { axes: [3, 5] })

/** Standard deviation within each square, [B, C, H/side, 1, W/side, 1]; never quite zero, where it would have no gradient. */
function deviationWithin(x: Tensor, side: number): Tensor {
  const squares = squaresOf(x, side)
  const off = sub(squares, meanWithin(squares))
  return sqrt(add(meanWithin(mul(off, off)), constant(4e-4)))
}

/** Differences of neighbours along an axis. */
function steps(x: Tensor, axis: number): Tensor {
  const former = slice(x, { axis, from: 0, to: x.shape[axis] - 1 })
  return sub(latter(x, axis), former)
}

/** All but the first along an axis. */
const latter = (x: Tensor, axis: number): Tensor => slice(x, { axis, from: 1, to: x.shape[axis] })

/** Over everything, of the shape [1, 1, 1, 1]. */
const rootMeanSquare = (x: Tensor): Tensor => sqrt(mean(mul(x, x), { axes: [0, 1, 2, 3] }))
