/**
 * The config.json files of a FLUX folder, validated once. Defaults are those of the diffusers / transformers classes,
 * because saved files omit keys; FLUX.1-dev's own numbers differ from them almost everywhere.
 */
import { z } from 'zod'
import { DreamoError } from './errors.js'

const count = z
  .int()
  .min(1)
  .max(2 ** 24) // sizes; T5-XXL's widest is 32128
const countOrZero = z
  .int()
  .min(0)
  .max(2 ** 24)
/** A model is built block by block, so a nonsensical number would take all memory before any weight was missed. */
const blocks = z.int().min(0).max(1000)
const positive = z.number().positive()

/**
 * transformer/config.json (FluxTransformer2DModel of diffusers 0.33.1). FLUX.1-dev states neither axes_dims_rope nor
 * out_channels. The MLP is 4 × hidden: the class hard-codes it, so no file carries it.
 */
const fluxSchema = z
  .object({
    patch_size: z.literal(1).default(1), // the 2×2 patches are cut by packing, not by the model
    in_channels: count.default(64), // 16 latent channels × 2×2 pixels of a patch
    out_channels: count.nullish(), // null = in_channels
    num_layers: blocks.default(19), // double-stream blocks
    num_single_layers: blocks.default(38),
    attention_head_dim: count.default(128),
    num_attention_heads: count.default(24), // × 128 = hidden 3072
    joint_attention_dim: count.default(4096), // width of T5-XXL
    pooled_projection_dim: count.default(768), // width of CLIP-L
    guidance_embeds: z.boolean().default(false), // true in dev, absent or false in schnell
    axes_dims_rope: z.array(count).length(3).default([16, 56, 56]), // (unused, row, column), sum = head dim
  })
  .transform((file) => ({
    inChannels: file.in_channels,
    outChannels: file.out_channels ?? file.in_channels,
    numLayers: file.num_layers,
    numSingleLayers: file.num_single_layers,
    numHeads: file.num_attention_heads,
    headDim: file.attention_head_dim,
    hiddenSize: file.num_attention_heads * file.attention_head_dim,
    mlpSize: 4 * file.num_attention_heads * file.attention_head_dim,
    jointDim: file.joint_attention_dim,
    pooledDim: file.pooled_projection_dim,
    guidanceEmbeds: file.guidance_embeds,
    axesDims: file.axes_dims_rope,
  }))

/** vae/config.json (AutoencoderKL). The class defaults describe Stable Diffusion 1, not FLUX. */
const vaeSchema = z
  .object({
    in_channels: count.default(3),
    out_channels: count.default(3),
    block_out_channels: z.array(count).min(1).max(16).default([64]), // FLUX: 128, 256, 512, 512 → three halvings, factor 8
    layers_per_block: blocks.min(1).default(1), // FLUX: 2; the decoder has one more
    latent_channels: count.default(4), // FLUX: 16
    norm_num_groups: count.default(32),
    scaling_factor: positive.default(0.18215), // 1 / std of the latents; FLUX: 0.3611
    shift_factor: z.number().nullish(), // mean of the latents; FLUX: 0.1159
    act_fn: z.enum(['silu', 'swish']).default('silu'),
    mid_block_add_attention: z.boolean().default(true),
    use_quant_conv: z.boolean().default(true), // FLUX: false
    use_post_quant_conv: z.boolean().default(true), // FLUX: false
    down_block_types: z.array(z.literal('DownEncoderBlock2D')).optional(),
    up_block_types: z.array(z.literal('UpDecoderBlock2D')).optional(),
    latents_mean: z.null().optional(), // per-channel statistics: no FLUX autoencoder has them
    latents_std: z.null().optional(),
  })
  .transform((file) => ({
    inChannels: file.in_channels,
    outChannels: file.out_channels,
    blockChannels: file.block_out_channels,
    layersPerBlock: file.layers_per_block,
    latentChannels: file.latent_channels,
    normGroups: file.norm_num_groups,
    scalingFactor: file.scaling_factor,
    shiftFactor: file.shift_factor ?? 0,
    midAttention: file.mid_block_add_attention,
    quantConv: file.use_quant_conv,
    postQuantConv: file.use_post_quant_conv,
    downscale: 2 ** (file.block_out_channels.length - 1), // pixels per latent, each way
  }))

/** text_encoder/config.json (CLIPTextConfig). The class defaults describe ViT-B/32; FLUX ships ViT-L/14. */
const clipSchema = z
  .object({
    vocab_size: count.default(49408),
    hidden_size: count.default(512), // FLUX: 768
    intermediate_size: count.default(2048), // FLUX: 3072
    num_hidden_layers: blocks.min(1).default(12),
    num_attention_heads: count.default(8), // FLUX: 12
    max_position_embeddings: count.default(77),
    hidden_act: z.literal('quick_gelu').default('quick_gelu'), // OpenAI's CLIP; x·sigmoid(1.702x)
    layer_norm_eps: positive.default(1e-5),
    eos_token_id: z.int().default(49407), // the files say 2, which the class reads as "pool at the largest id"
  })
  .transform((file) => ({
    vocabSize: file.vocab_size,
    hiddenSize: file.hidden_size,
    mlpSize: file.intermediate_size,
    numLayers: file.num_hidden_layers,
    numHeads: file.num_attention_heads,
    headDim: file.hidden_size / file.num_attention_heads,
    maxTokens: file.max_position_embeddings,
    normEps: file.layer_norm_eps,
    eosTokenId: file.eos_token_id,
    poolAtLargestId: file.eos_token_id === 2,
  }))

/** text_encoder_2/config.json (T5Config). The class defaults describe T5-small; FLUX ships the encoder of T5 1.1 XXL. */
const t5Schema = z
  .object({
    vocab_size: count.default(32128), // rows of the table; the tokenizer of FLUX uses 32100 of them
    d_model: count.default(512), // FLUX: 4096
    d_kv: count.default(64), // per head; heads · d_kv need not equal d_model
    d_ff: count.default(2048), // FLUX: 10240
    num_layers: blocks.min(1).default(6), // FLUX: 24
    num_heads: count.default(8), // FLUX: 64
    relative_attention_num_buckets: count.default(32),
    relative_attention_max_distance: count.default(128),
    layer_norm_epsilon: positive.default(1e-6),
    feed_forward_proj: z.literal('gated-gelu'), // no default: the class's is relu, which T5 1.1 left behind
    pad_token_id: countOrZero.default(0),
    eos_token_id: countOrZero.default(1),
  })
  .transform((file) => ({
    vocabSize: file.vocab_size,
    hiddenSize: file.d_model,
    headDim: file.d_kv,
    mlpSize: file.d_ff,
    numLayers: file.num_layers,
    numHeads: file.num_heads,
    innerSize: file.num_heads * file.d_kv,
    numBuckets: file.relative_attention_num_buckets,
    maxDistance: file.relative_attention_max_distance,
    normEps: file.layer_norm_epsilon,
    padTokenId: file.pad_token_id,
    eosTokenId: file.eos_token_id,
  }))

/** scheduler/scheduler_config.json (FlowMatchEulerDiscreteScheduler). Variants that FLUX never uses are refused. */
const schedulerSchema = z
  .object({
    num_train_timesteps: count.default(1000),
    shift: positive.default(1), // dev states 3.0, but dynamic shifting ignores it
    use_dynamic_shifting: z.boolean().default(false), // true in dev, false in schnell
    base_shift: z.number().default(0.5), // mu at base_image_seq_len tokens
    max_shift: z.number().default(1.15), // mu at max_image_seq_len tokens
    base_image_seq_len: count.default(256), // 256² pixels
    max_image_seq_len: count.default(4096), // 1024² pixels
    time_shift_type: z.literal('exponential').default('exponential'),
    shift_terminal: z.null().optional(),
    invert_sigmas: z.literal(false).optional(),
    use_karras_sigmas: z.literal(false).nullish(),
    use_exponential_sigmas: z.literal(false).nullish(),
    use_beta_sigmas: z.literal(false).nullish(),
    stochastic_sampling: z.literal(false).optional(),
  })
  .transform((file) => ({
    trainTimesteps: file.num_train_timesteps,
    shift: file.shift,
    dynamicShift: file.use_dynamic_shifting,
    baseShift: file.base_shift,
    maxShift: file.max_shift,
    baseTokens: file.base_image_seq_len,
    maxTokens: file.max_image_seq_len,
  }))

export type FluxConfig = z.output<typeof fluxSchema>
export type VaeConfig = z.output<typeof vaeSchema>
export type ClipConfig = z.output<typeof clipSchema>
export type T5Config = z.output<typeof t5Schema>
export type SchedulerConfig = z.output<typeof schedulerSchema>

/** Reads a transformer config; `where` names the file in errors. Throws DreamoError config-invalid / config-unsupported. */
export function parseFluxConfig(json: unknown, where = 'transformer/config.json'): FluxConfig {
  const config = parse(fluxSchema, json, where)
  const axesSum = config.axesDims.reduce((sum, axis) => sum + axis, 0)
  demand(axesSum === config.headDim, where, `axes_dims_rope to sum to attention_head_dim ${config.headDim}`, axesSum)
  const evenAxes = config.axesDims.every((axis) => axis % 2 === 0)
  demand(evenAxes, where, 'even axes_dims_rope (rotary pairs)', config.axesDims)
  demand(config.inChannels % 4 === 0, where, 'in_channels divisible by 4 (2×2 packing)', config.inChannels)
  demand(config.numLayers + config.numSingleLayers > 0, where, 'at least one transformer block', 0)
  return config
}

/** Reads an autoencoder config; errors as parseFluxConfig. */
export function parseVaeConfig(json: unknown, where = 'vae/config.json'): VaeConfig {
  const config = parse(vaeSchema, json, where)
  for (const channels of config.blockChannels) {
    const rule = `block_out_channels divisible by norm_num_groups ${config.normGroups}`
    demand(channels % config.normGroups === 0, where, rule, channels)
  }
  return config
}

/** Reads a CLIP text config; errors as parseFluxConfig. */
export function parseClipConfig(json: unknown, where = 'text_encoder/config.json'): ClipConfig {
  const config = parse(clipSchema, json, where)
  const rule = `hidden_size divisible by num_attention_heads ${config.numHeads}`
  demand(Number.isInteger(config.headDim), where, rule, config.hiddenSize)
  return config
}

/** Reads a T5 config; errors as parseFluxConfig. */
export function parseT5Config(json: unknown, where = 'text_encoder_2/config.json'): T5Config {
  const config = parse(t5Schema, json, where)
  demand(config.numBuckets % 4 === 0, where, 'relative_attention_num_buckets divisible by 4', config.numBuckets)
  const exact = config.numBuckets / 4 // distances below get a bucket each; the rest grow logarithmically up to the cap
  demand(config.maxDistance > exact, where, `relative_attention_max_distance above ${exact}`, config.maxDistance)
  return config
}

/** Reads a scheduler config; errors as parseFluxConfig. */
export function parseSchedulerConfig(json: unknown, where = 'scheduler/scheduler_config.json'): SchedulerConfig {
  const config = parse(schedulerSchema, json, where)
  const rule = `max_image_seq_len above base_image_seq_len ${config.baseTokens}`
  demand(config.maxTokens > config.baseTokens, where, rule, config.maxTokens)
  return config
}

function parse<Schema extends z.ZodType>(schema: Schema, json: unknown, where: string): z.output<Schema> {
  const result = schema.safeParse(json, { reportInput: true })
  if (result.success) return result.data
  const issue = result.error.issues[0]!
  const key = issue.path.map(String).join('.') || 'the file'
  // A literal or enum that does not match is a real variant of the class that is not built here.
  const code = issue.code === 'invalid_value' ? 'dreamo/config-unsupported' : 'dreamo/config-invalid'
  const rule = ruleOf(issue)
  const got = JSON.stringify(issue.input) ?? 'nothing'
  throw new DreamoError(code, `${where}: expected ${key} to be ${rule}, got ${got}`, { cause: result.error })
}

function ruleOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'too_big') return `at most ${issue.maximum}`
  if (issue.code === 'too_small') return `${issue.inclusive ? 'at least' : 'above'} ${issue.minimum}`
  return issue.message.replace(/^Invalid (input|option): expected /, '')
}

function demand(holds: boolean, where: string, rule: string, got: unknown): void {
  if (!holds) throw new DreamoError('dreamo/config-invalid', `${where}: expected ${rule}, got ${JSON.stringify(got)}`)
}
