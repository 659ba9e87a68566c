/** The published configs at full size, and weight sets that have shapes but no files. Test-only. */
import type { WeightSet, WeightView } from '@dreamgraph/weights'
import type { ParameterShape } from '../parameters.js'

/** transformer/config.json of FLUX.1-dev. */
export const fluxDev = {
  _class_name: 'FluxTransformer2DModel',
  attention_head_dim: 128,
  guidance_embeds: true,
  in_channels: 64,
  joint_attention_dim: 4096,
  num_attention_heads: 24,
  num_layers: 19,
  num_single_layers: 38,
  patch_size: 1,
  pooled_projection_dim: 768,
}

export const fluxSchnell = { ...fluxDev, guidance_embeds: false }

export const fluxVae = {
  act_fn: 'silu',
  block_out_channels: [128, 256, 512, 512],
  force_upcast: true,
  latent_channels: 16,
  latents_mean: null,
  latents_std: null,
  layers_per_block: 2,
  mid_block_add_attention: true,
  norm_num_groups: 32,
  sample_size: 1024,
  scaling_factor: 0.3611,
  shift_factor: 0.1159,
  use_post_quant_conv: false,
  use_quant_conv: false,
}

export const fluxClip = {
  bos_token_id: 0,
  eos_token_id: 2,
  hidden_act: 'quick_gelu',
  hidden_size: 768,
  intermediate_size: 3072,
  layer_norm_eps: 1e-5,
  max_position_embeddings: 77,
  num_attention_heads: 12,
  num_hidden_layers: 12,
  pad_token_id: 1,
  vocab_size: 49408,
}

export const fluxT5 = {
  d_ff: 10240,
  d_kv: 64,
  d_model: 4096,
  feed_forward_proj: 'gated-gelu',
  layer_norm_epsilon: 1e-6,
  num_heads: 64,
  num_layers: 24,
  relative_attention_max_distance: 128,
  relative_attention_num_buckets: 32,
  vocab_size: 32128,
}

/** Weights of these shapes in a file that nobody opens. */
export const hollowWeights = (shapes: readonly ParameterShape[]): WeightSet =>
  new Map(shapes.map(({ name, shape }) => [name, hollowView(name, shape)]))

export function hollowView(name: string, shape: readonly number[], dtype: WeightView['dtype'] = 'F32'): WeightView {
  const bytesOf = { F32: 4, BF16: 2, F16: 2, F8_E4M3: 1 } as Partial<Record<WeightView['dtype'], number>>
  const sizeBytes = shape.reduce((n, d) => n * d, bytesOf[dtype] ?? 1)
  return { name, dtype, shape, parts: [{ file: '/models/hollow.safetensors', offset: 0, sizeBytes }] }
}
