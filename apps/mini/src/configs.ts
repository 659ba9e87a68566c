// The numbers of the mini model, each with its reason. They are written out as the config.json files of a FLUX folder.
import { clipVocabulary, t5Vocabulary } from '@dreamgraph/dreamo'
import { worldVocabulary } from '@dreamgraph/world'

/** Every word of the world's captions is one token of both tokenizers. */
export const words = worldVocabulary()

/** Tokens that T5 pads captions to: the longest description of the world has 55, end included. */
export const textTokens = 56
/** CLIP spells placeholders out in pieces; of its 77 positions no caption of the world needs more. */
export const pooledTokens = 64

/**
 * FLUX's autoencoder with a fifth of its channels: 8 pixels a latent, 16 latent channels, so that all else
 * (packing, tokens, positions) is FLUX's. Scale and shift are measured after training.
 */
export const vaeConfig = {
  _class_name: 'AutoencoderKL',
  act_fn: 'silu',
  block_out_channels: [16, 48, 96, 96], // multiples of 16, else onnxruntime's convolutions are three times slower; the first level decides the time of a step
  down_block_types: Array.from({ length: 4 }, () => 'DownEncoderBlock2D'),
  up_block_types: Array.from({ length: 4 }, () => 'UpDecoderBlock2D'),
  in_channels: 3,
  out_channels: 3,
  latent_channels: 16,
  layers_per_block: 1, // FLUX: 2
  norm_num_groups: 4, // groups of 4 to 24 channels, about as FLUX's; in groups of 2 colours of whole pictures got lost
  mid_block_add_attention: true,
  use_quant_conv: false,
  use_post_quant_conv: false,
  force_upcast: true,
  sample_size: 128,
}

/** FLUX's transformer with a tenth of its depth and a sixteenth of its width: 5 million parameters, 0.4 s a training step. */
export const transformerConfig = {
  _class_name: 'FluxTransformer2DModel',
  attention_head_dim: 32,
  axes_dims_rope: [8, 12, 12], // as FLUX's 16, 56, 56: the first axis is always 0
  guidance_embeds: false, // as FLUX.1-schnell: nothing has been distilled into this model, guidance is true CFG
  in_channels: 64,
  joint_attention_dim: 128,
  num_attention_heads: 6,
  num_layers: 2,
  num_single_layers: 4,
  patch_size: 1,
  pooled_projection_dim: 96,
}

export const t5Config = {
  architectures: ['T5EncoderModel'],
  d_ff: 256,
  d_kv: 32,
  d_model: transformerConfig.joint_attention_dim,
  eos_token_id: 1,
  feed_forward_proj: 'gated-gelu',
  layer_norm_epsilon: 1e-6,
  model_type: 't5',
  num_heads: 4,
  num_layers: 2, // one to gather a phrase, one to tell where it stands; text tokens have no position of their own in FLUX
  pad_token_id: 0,
  relative_attention_max_distance: 128,
  relative_attention_num_buckets: 32,
  tie_word_embeddings: false,
  vocab_size: t5Vocabulary(words).length,
}

export const clipConfig = {
  architectures: ['CLIPTextModel'],
  bos_token_id: 0,
  eos_token_id: 2, // FLUX's own oddity: read as "pool at the largest id"
  hidden_act: 'quick_gelu',
  hidden_size: transformerConfig.pooled_projection_dim,
  intermediate_size: 192,
  layer_norm_eps: 1e-5,
  max_position_embeddings: 77,
  model_type: 'clip_text_model',
  num_attention_heads: 4,
  num_hidden_layers: 2,
  vocab_size: clipVocabulary(words).length,
}
