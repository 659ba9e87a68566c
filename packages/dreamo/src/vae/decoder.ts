// The decoder of AutoencoderKL: latents become a picture.
import { silu, type Tensor, upsampleNearest2x } from '@dreamgraph/onnx'
import type { VaeConfig } from '../configs.js'
import { type Parameters, within } from '../parameters.js'
import { noProbe, type Probe } from '../probe.js'
import { convolve, midBlock, normalize, resnet } from './resnet.js'

/**
 * latents [B, latentChannels, h, w], already divided by the scale and shifted back → image [B, 3, f·h, f·w], about −1..1,
 * not clamped. One resnet more per block than the encoder. Source: diffusers' AutoencoderKL.
 */
export function decodeImage(root: Parameters, config: VaeConfig, latents: Tensor, probe: Probe = noProbe): Tensor {
  const p = within(root, 'decoder')
  const widths = config.blockChannels.toReversed()
  const raw = config.postQuantConv
    ? convolve(root, 'post_quant_conv', latents, config.latentChannels, { size: 1 })
    : latents
  let x = convolve(p, 'conv_in', raw, widths[0])
  probe('decoder_conv_in', x)
  x = midBlock(within(p, 'mid_block'), config, x, (name, tensor) => probe(`decoder_${name}`, tensor))
  widths.forEach((channels, i) => {
    const block = within(p, `up_blocks.${i}`)
    for (let j = 0; j <= config.layersPerBlock; j++) x = resnet(within(block, `resnets.${j}`), config, x, channels)
    if (i < widths.length - 1) x = convolve(block, 'upsamplers.0.conv', upsampleNearest2x(x), channels)
    probe(`decoder_up_block${i}`, x)
  })
  return convolve(p, 'conv_out', silu(normalize(p, config, 'conv_norm_out', x)), config.outChannels)
}
