// The building blocks that encoder and decoder share.
import { add, attention, conv2d, groupNorm, reshape, silu, type Tensor, transpose } from '@dreamgraph/onnx'
import type { VaeConfig } from '../configs.js'
import { linearLayer, type Parameters, within } from '../parameters.js'

/** Of every GroupNorm in AutoencoderKL. */
const normEpsilon = 1e-6
const same = [1, 1, 1, 1] as const

/** Square convolution of a module `key`: x [B, C, H, W] → [B, out, ·, ·]. 3×3 with padding 1 unless told. */
export function convolve(
  p: Parameters,
  key: string,
  x: Tensor,
  out: number,
  {
    size = 3,
    stride,
    pads = size === 3 ? same : [0, 0, 0, 0],
  }: { size?: number; stride?: number; pads?: readonly [number, number, number, number] } = {},
): Tensor {
  const w = p.weight(`${key}.weight`, [out, x.shape[1], size, size])
  return conv2d(x, w, p.weight(`${key}.bias`, [out]), { stride, pads })
}

/** Group norm of a module `key`, same shape. */
export function normalize(p: Parameters, config: VaeConfig, key: string, x: Tensor): Tensor {
  const channels = [x.shape[1]]
  const [w, b] = [p.weight(`${key}.weight`, channels), p.weight(`${key}.bias`, channels)]
  return groupNorm(x, { groups: config.normGroups, epsilon: normEpsilon, w, b })
}

/** Two normalized 3×3 convolutions and a residual: [B, C, H, W] → [B, out, H, W]. */
export function resnet(p: Parameters, config: VaeConfig, x: Tensor, out: number): Tensor {
  const y = convolve(p, 'conv1', silu(normalize(p, config, 'norm1', x)), out)
  const z = convolve(p, 'conv2', silu(normalize(p, config, 'norm2', y)), out)
  return add(x.shape[1] === out ? x : convolve(p, 'conv_shortcut', x, out, { size: 1 }), z)
}

/** Attention over all pixels with one head as wide as the channels; same shape. */
function pixelAttention(p: Parameters, config: VaeConfig, x: Tensor): Tensor {
  const [batch, channels, height, width] = x.shape
  const flat = reshape(normalize(p, config, 'group_norm', x), { shape: [batch, channels, height * width] })
  const tokens = transpose(flat, { perm: [0, 2, 1] }) // [B, H·W, C]
  const [q, k, v] = ['to_q', 'to_k', 'to_v'].map((module) => linearLayer(p, module, tokens, channels))
  const mixed = linearLayer(p, 'to_out.0', attention(q, k, v, { heads: 1 }), channels)
  return add(reshape(transpose(mixed, { perm: [0, 2, 1] }), { shape: x.shape }), x)
}

/** resnet, attention (if the config has it), resnet; same shape. */
export function midBlock(
  p: Parameters,
  config: VaeConfig,
  x: Tensor,
  probe: (name: string, tensor: Tensor) => void,
): Tensor {
  const channels = x.shape[1]
  const first = resnet(within(p, 'resnets.0'), config, x, channels)
  const mixed = config.midAttention ? pixelAttention(within(p, 'attentions.0'), config, first) : first
  probe('mid_attention', mixed)
  const y = resnet(within(p, 'resnets.1'), config, mixed, channels)
  probe('mid_block', y)
  return y
}
