// Single checkpoint files carry no config.json. What their shapes say is written down as one and then read as usual.
import type { WeightSet } from '@dreamgraph/weights'
import { DreamoError } from './errors.js'

/** config.json of a transformer from its tensors' shapes. Head dims other than FLUX's 128 leave the axes unknown: an error. */
export function inferFluxConfig(weights: WeightSet, where: string): Record<string, unknown> {
  const shape = shapesOf(weights, where)
  const [hidden, inChannels] = shape('x_embedder.weight')
  const [headDim] = shape('single_transformer_blocks.0.attn.norm_q.weight')
  if (headDim !== 128) {
    const rule = 'a config.json with axes_dims_rope beside a model whose head dim is not 128'
    throw new DreamoError('dreamo/config-missing', `${where}: expected ${rule}, got head dim ${headDim}`)
  }
  return {
    in_channels: inChannels,
    out_channels: shape('proj_out.weight')[0],
    num_layers: countBlocks(weights, 'transformer_blocks.'),
    num_single_layers: countBlocks(weights, 'single_transformer_blocks.'),
    attention_head_dim: headDim,
    num_attention_heads: hidden / headDim,
    joint_attention_dim: shape('context_embedder.weight')[1],
    pooled_projection_dim: shape('time_text_embed.text_embedder.linear_1.weight')[1],
    guidance_embeds: weights.has('time_text_embed.guidance_embedder.linear_1.weight'),
  }
}

/** config.json of an autoencoder. Group count, scale and shift are not in the shapes: FLUX's are taken. */
export function inferVaeConfig(weights: WeightSet, where: string): Record<string, unknown> {
  const shape = shapesOf(weights, where)
  const blocks = countBlocks(weights, 'encoder.down_blocks.')
  return {
    block_out_channels: Array.from(
      { length: blocks },
      (_, i) => shape(`encoder.down_blocks.${i}.resnets.0.conv1.weight`)[0],
    ),
    layers_per_block: countBlocks(weights, 'encoder.down_blocks.0.resnets.'),
    latent_channels: shape('decoder.conv_in.weight')[1],
    norm_num_groups: 32,
    scaling_factor: 0.3611, // the statistics of FLUX's latents
    shift_factor: 0.1159,
    mid_block_add_attention: weights.has('encoder.mid_block.attentions.0.to_q.weight'),
    use_quant_conv: weights.has('quant_conv.weight'),
    use_post_quant_conv: weights.has('post_quant_conv.weight'),
  }
}

/** config.json of a CLIP text encoder; heads are 64 wide in every CLIP that was released. */
export function inferClipConfig(weights: WeightSet, where: string): Record<string, unknown> {
  const shape = shapesOf(weights, where)
  const [vocabulary, hidden] = shape('text_model.embeddings.token_embedding.weight')
  return {
    vocab_size: vocabulary,
    hidden_size: hidden,
    intermediate_size: shape('text_model.encoder.layers.0.mlp.fc1.weight')[0],
    num_hidden_layers: countBlocks(weights, 'text_model.encoder.layers.'),
    num_attention_heads: hidden / 64,
    max_position_embeddings: shape('text_model.embeddings.position_embedding.weight')[0],
    eos_token_id: 2, // as in FLUX's own file: pool at the largest id
  }
}

/** config.json of a T5 1.1 encoder. */
export function inferT5Config(weights: WeightSet, where: string): Record<string, unknown> {
  const shape = shapesOf(weights, where)
  const [vocabulary, hidden] = shape('shared.weight')
  const first = 'encoder.block.0.layer.0.SelfAttention'
  const [buckets, heads] = shape(`${first}.relative_attention_bias.weight`)
  return {
    vocab_size: vocabulary,
    d_model: hidden,
    d_kv: shape(`${first}.q.weight`)[0] / heads,
    d_ff: shape('encoder.block.0.layer.1.DenseReluDense.wi_0.weight')[0],
    num_layers: countBlocks(weights, 'encoder.block.'),
    num_heads: heads,
    relative_attention_num_buckets: buckets,
    feed_forward_proj: 'gated-gelu',
  }
}

function shapesOf(weights: WeightSet, where: string): (key: string) => readonly number[] {
  return (key) => {
    const view = weights.get(key)
    if (!view)
      throw new DreamoError('dreamo/config-missing', `${where}: expected a config.json or the key ${key}, got neither`)
    return view.shape
  }
}

/** One more than the largest number behind a prefix. */
function countBlocks(weights: WeightSet, prefix: string): number {
  let count = 0
  for (const key of weights.keys()) {
    if (key.startsWith(prefix)) count = Math.max(count, Number.parseInt(key.slice(prefix.length), 10) + 1)
  }
  return count
}
