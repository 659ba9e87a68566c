// The configs of the small model: FLUX.1-dev's own keys, with small numbers.
import { clipVocabulary, t5Vocabulary } from '@dreamgraph/dreamo'

const transformer = {
  _class_name: 'FluxTransformer2DModel',
  attention_head_dim: 16,
  axes_dims_rope: [4, 6, 6], // an axis each for "unused", row and column; their sum is the head
  guidance_embeds: true,
  in_channels: 64,
  joint_attention_dim: 48,
  num_attention_heads: 4,
  num_layers: 2,
  num_single_layers: 3,
  patch_size: 1,
  pooled_projection_dim: 32,
}

const vae = {
  _class_name: 'AutoencoderKL',
  act_fn: 'silu',
  block_out_channels: [8, 16, 16, 16], // three halvings: 8 pixels a latent, each way, as FLUX
  down_block_types: Array.from({ length: 4 }, () => 'DownEncoderBlock2D'),
  force_upcast: true,
  in_channels: 3,
  latent_channels: 16,
  layers_per_block: 2,
  mid_block_add_attention: true,
  norm_num_groups: 4,
  out_channels: 3,
  scaling_factor: 0.3611,
  shift_factor: 0.1159,
  up_block_types: Array.from({ length: 4 }, () => 'UpDecoderBlock2D'),
  use_post_quant_conv: false,
  use_quant_conv: false,
}

const clip = {
  architectures: ['CLIPTextModel'],
  bos_token_id: 0,
  eos_token_id: 2, // FLUX's own oddity: read as "pool at the largest id"
  hidden_act: 'quick_gelu',
  hidden_size: transformer.pooled_projection_dim,
  intermediate_size: 64,
  layer_norm_eps: 1e-5,
  max_position_embeddings: 77,
  model_type: 'clip_text_model',
  num_attention_heads: 4,
  num_hidden_layers: 2,
  vocab_size: clipVocabulary().length,
}

const t5 = {
  architectures: ['T5EncoderModel'],
  d_ff: 96,
  d_kv: 12,
  d_model: transformer.joint_attention_dim,
  eos_token_id: 1,
  feed_forward_proj: 'gated-gelu',
  layer_norm_epsilon: 1e-6,
  model_type: 't5',
  num_heads: 4,
  num_layers: 2,
  pad_token_id: 0,
  relative_attention_max_distance: 128,
  relative_attention_num_buckets: 32,
  vocab_size: t5Vocabulary().length + 28, // more rows than tokens, as in T5-XXL
}

/** What a random model's parts look like; the parts must fit each other, and the tokenizers that are always the same. */
export const smallConfigs = { transformer, vae, clip, t5 }

export type RandomModelConfigs = typeof smallConfigs

/** As FLUX.1-dev is: 11.9 B parameters in the transformer, 4.7 B in T5, but for T5's words, which are the tokenizer's. */
export const fluxDevConfigs: RandomModelConfigs = {
  transformer: {
    ...transformer,
    attention_head_dim: 128,
    axes_dims_rope: [16, 56, 56],
    joint_attention_dim: 4096,
    num_attention_heads: 24,
    num_layers: 19,
    num_single_layers: 38,
    pooled_projection_dim: 768,
  },
  vae: { ...vae, block_out_channels: [128, 256, 512, 512], norm_num_groups: 32 },
  clip: { ...clip, hidden_size: 768, intermediate_size: 3072, num_attention_heads: 12, num_hidden_layers: 12 },
  t5: { ...t5, d_ff: 10240, d_kv: 64, d_model: 4096, num_heads: 64, num_layers: 24 },
}
