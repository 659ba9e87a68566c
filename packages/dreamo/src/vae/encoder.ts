// The encoder of AutoencoderKL: a picture becomes the mean and log-variance of its latents.
import { silu, type Tensor } from '@dreamgraph/onnx'
import type { VaeConfig } from '../configs.js'
import { type Parameters, within } from '../parameters.js'
import { noProbe, type Probe } from '../probe.js'
import { convolve, midBlock, normalize, resnet } from './resnet.js'

/**
 * image [B, 3, H, W] in −1..1 → moments [B, 2·latentChannels, H/f, W/f]: mean, then log-variance before clamping.
 * H and W divisible by f = config.downscale. Source: diffusers' AutoencoderKL.
 */
export function encodeImage(root: Parameters, config: VaeConfig, image: Tensor, probe: Probe = noProbe): Tensor {
  const p = within(root, 'encoder')
  const last = config.blockChannels.length - 1
  let x = convolve(p, 'conv_in', image, config.blockChannels[0])
  probe('encoder_conv_in', x)
  config.blockChannels.forEach((channels, i) => {
    const block = within(p, `down_blocks.${i}`)
    for (let j = 0; j < config.layersPerBlock; j++) x = resnet(within(block, `resnets.${j}`), config, x, channels)
    // Halving pads on the right and at the bottom only.
    if (i < last) x = convolve(block, 'downsamplers.0.conv', x, channels, { stride: 2, pads: [0, 0, 1, 1] })
    probe(`encoder_down_block${i}`, x)
  })
  x = midBlock(within(p, 'mid_block'), config, x, (name, tensor) => probe(`encoder_${name}`, tensor))
  const moments = convolve(p, 'conv_out', silu(normalize(p, config, 'conv_norm_out', x)), 2 * config.latentChannels)
  return config.quantConv ? convolve(root, 'quant_conv', moments, 2 * config.latentChannels, { size: 1 }) : moments
}
