/** A model folder rewritten as the single files that FLUX first came in. The names are written down here anew, backwards. */
import { join } from 'node:path'
import {
  type DType,
  openClip,
  openT5,
  openTransformer,
  openVae,
  type TensorSource,
  toFloat32,
  type WeightView,
  writeSafetensors,
} from '@dreamgraph/weights'
import { type RandomModelConfigs, smallConfigs } from '../random-model/configs.js'

/** Small, but with all that single files leave to be known: heads of 128, groups of 32, CLIP's heads of 64. */
export const originalConfigs: RandomModelConfigs = {
  transformer: {
    ...smallConfigs.transformer,
    attention_head_dim: 128,
    axes_dims_rope: [16, 56, 56],
    num_attention_heads: 1,
    num_layers: 1,
    num_single_layers: 1,
    pooled_projection_dim: 64,
  },
  vae: { ...smallConfigs.vae, block_out_channels: [32, 64, 64, 64], norm_num_groups: 32 },
  clip: { ...smallConfigs.clip, hidden_size: 64, num_attention_heads: 1 },
  t5: smallConfigs.t5,
}

export interface OriginalFiles {
  readonly transformer: string
  readonly vae: string
  readonly textEncoder: string
  readonly textEncoder2: string
}

/** Writes the four files into `folder`; `dtype` is that of the transformer, the others keep theirs. */
export async function writeOriginalFiles(model: string, folder: string, dtype: DType = 'F32'): Promise<OriginalFiles> {
  const files = {
    transformer: join(folder, 'flux1-dev.safetensors'),
    vae: join(folder, 'ae.safetensors'),
    textEncoder: join(folder, 'clip_l.safetensors'),
    textEncoder2: join(folder, 't5xxl_fp16.safetensors'),
  }
  await writeTransformer(join(model, 'transformer'), files.transformer, dtype)
  const vae = (await openVae(join(model, 'vae'))).weights
  await writeSafetensors(files.vae, await Promise.all([...vae.values()].map(ldmTensor)))
  const clip = (await openClip(join(model, 'text_encoder'))).weights
  await writeSafetensors(files.textEncoder, await Promise.all([...clip.values()].map((view) => tensorOf(view))))
  const t5 = (await openT5(join(model, 'text_encoder_2'))).weights
  await writeSafetensors(files.textEncoder2, await Promise.all([...t5.values()].map((view) => tensorOf(view))))
  return files
}

/** The transformer alone, in Black Forest Labs' layout. */
export async function writeTransformer(model: string, path: string, dtype: DType): Promise<void> {
  const { weights } = await openTransformer(model)
  const taken = new Set<string>()
  const view = (name: string): WeightView => {
    taken.add(name)
    return weights.get(name)!
  }
  const count = (prefix: string): number =>
    1 + Math.max(...[...weights.keys()].flatMap((name) => (name.startsWith(prefix) ? [+name.split('.')[1]!] : [])))
  const stacks = [
    ...Object.entries(topLevel),
    ...range(count('transformer_blocks.')).flatMap((i) => inBlock(doubleBlock, `double_blocks.${i}`, i)),
    ...range(count('single_transformer_blocks.')).flatMap((i) => inBlock(singleBlock, `single_blocks.${i}`, i)),
  ]
  const tensors: TensorSource[] = []
  for (const [original, modules] of stacks) {
    for (const parameter of ['weight', 'bias']) {
      if (!weights.has(`${modules[0]}.${parameter}`)) continue
      const parts = await Promise.all(modules.map((module) => toFloat32(view(`${module}.${parameter}`))))
      const [, ...inner] = view(`${modules[0]}.${parameter}`).shape
      const data = original.startsWith('final_layer.adaLN') ? swapHalves(parts[0]!) : concat(parts)
      const shape = [data.length / inner.reduce((product, size) => product * size, 1), ...inner]
      const name = original.endsWith('_norm') ? `${original}.scale` : `${original}.${parameter}`
      tensors.push({ name, dtype, shape, data })
    }
  }
  const left = [...weights.keys()].filter((name) => !taken.has(name))
  if (left.length > 0) throw new Error(`internal: no original name for ${left.join(', ')}`)
  await writeSafetensors(path, tensors)
}

type Stacks = Readonly<Record<string, readonly string[]>>

const topLevel: Stacks = {
  img_in: ['x_embedder'],
  txt_in: ['context_embedder'],
  'time_in.in_layer': ['time_text_embed.timestep_embedder.linear_1'],
  'time_in.out_layer': ['time_text_embed.timestep_embedder.linear_2'],
  'vector_in.in_layer': ['time_text_embed.text_embedder.linear_1'],
  'vector_in.out_layer': ['time_text_embed.text_embedder.linear_2'],
  'guidance_in.in_layer': ['time_text_embed.guidance_embedder.linear_1'],
  'guidance_in.out_layer': ['time_text_embed.guidance_embedder.linear_2'],
  'final_layer.adaLN_modulation.1': ['norm_out.linear'],
  'final_layer.linear': ['proj_out'],
}

const doubleBlock: Stacks = {
  'img_mod.lin': ['norm1.linear'],
  'txt_mod.lin': ['norm1_context.linear'],
  'img_attn.qkv': ['attn.to_q', 'attn.to_k', 'attn.to_v'],
  'txt_attn.qkv': ['attn.add_q_proj', 'attn.add_k_proj', 'attn.add_v_proj'],
  'img_attn.norm.query_norm': ['attn.norm_q'],
  'img_attn.norm.key_norm': ['attn.norm_k'],
  'txt_attn.norm.query_norm': ['attn.norm_added_q'],
  'txt_attn.norm.key_norm': ['attn.norm_added_k'],
  'img_attn.proj': ['attn.to_out.0'],
  'txt_attn.proj': ['attn.to_add_out'],
  'img_mlp.0': ['ff.net.0.proj'],
  'img_mlp.2': ['ff.net.2'],
  'txt_mlp.0': ['ff_context.net.0.proj'],
  'txt_mlp.2': ['ff_context.net.2'],
}

const singleBlock: Stacks = {
  'modulation.lin': ['norm.linear'],
  linear1: ['attn.to_q', 'attn.to_k', 'attn.to_v', 'proj_mlp'],
  linear2: ['proj_out'],
  'norm.query_norm': ['attn.norm_q'],
  'norm.key_norm': ['attn.norm_k'],
}

function inBlock(stacks: Stacks, original: string, index: number): [string, string[]][] {
  const block = original.startsWith('double') ? 'transformer_blocks' : 'single_transformer_blocks'
  return Object.entries(stacks).map(([name, modules]) => [
    `${original}.${name}`,
    modules.map((module) => `${block}.${index}.${module}`),
  ])
}

/** latent-diffusion's names: `up` counts the other way round, and attention is a convolution of 1×1. */
async function ldmTensor(view: WeightView): Promise<TensorSource> {
  const name = view.name
    .replace('mid_block.resnets.0', 'mid.block_1')
    .replace('mid_block.resnets.1', 'mid.block_2')
    .replace('mid_block.attentions.0.group_norm', 'mid.attn_1.norm')
    .replace(/mid_block\.attentions\.0\.to_([qkv])/, 'mid.attn_1.$1')
    .replace('mid_block.attentions.0.to_out.0', 'mid.attn_1.proj_out')
    .replace(/down_blocks\.(\d)\.resnets\.(\d)/, 'down.$1.block.$2')
    .replace(/down_blocks\.(\d)\.downsamplers\.0/, 'down.$1.downsample')
    .replace(/up_blocks\.(\d)\.resnets\.(\d)/, (_, level, block) => `up.${3 - level}.block.${block}`)
    .replace(/up_blocks\.(\d)\.upsamplers\.0/, (_, level) => `up.${3 - level}.upsample`)
    .replace('conv_norm_out', 'norm_out')
    .replace('conv_shortcut', 'nin_shortcut')
  const isAttention = /attn_1\.(q|k|v|proj_out)\.weight$/.test(name)
  return { ...(await tensorOf(view)), name, shape: isAttention ? [...view.shape, 1, 1] : view.shape }
}

const tensorOf = async (view: WeightView): Promise<TensorSource> => ({
  name: view.name,
  dtype: view.dtype,
  shape: view.shape,
  data: await toFloat32(view),
})

/** The original keeps [shift, scale] where diffusers has [scale, shift]. */
const swapHalves = (values: Float32Array): Float32Array =>
  concat([values.subarray(values.length / 2), values.subarray(0, values.length / 2)])

function concat(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i)
