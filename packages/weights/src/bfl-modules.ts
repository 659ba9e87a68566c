// Black Forest Labs' module names of FLUX → diffusers' names. Shared by checkpoints and LoRAs.
import { WeightsError } from './errors.js'
import { rows, type WeightView } from './view.js'

/** Where the rows of one original module go. */
export interface BflModule {
  /** canonical modules whose rows the original stacks, in order: q, k, v and in single blocks the MLP */
  readonly modules: readonly string[]
  /** the original keeps [shift, scale], diffusers [scale, shift] */
  readonly swapsHalves: boolean
}

const topLevel: Record<string, string> = {
  img_in: 'x_embedder',
  txt_in: 'context_embedder',
  'time_in.in_layer': 'time_text_embed.timestep_embedder.linear_1',
  'time_in.out_layer': 'time_text_embed.timestep_embedder.linear_2',
  'vector_in.in_layer': 'time_text_embed.text_embedder.linear_1',
  'vector_in.out_layer': 'time_text_embed.text_embedder.linear_2',
  'guidance_in.in_layer': 'time_text_embed.guidance_embedder.linear_1',
  'guidance_in.out_layer': 'time_text_embed.guidance_embedder.linear_2',
  'final_layer.adaLN_modulation.1': 'norm_out.linear',
  'final_layer.linear': 'proj_out',
}

const doubleBlock: Record<string, readonly string[]> = {
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

const singleBlock: Record<string, readonly string[]> = {
  'modulation.lin': ['norm.linear'],
  linear1: ['attn.to_q', 'attn.to_k', 'attn.to_v', 'proj_mlp'],
  // Not in checkpoints: what ComfyUI's LoRA converter calls the first three quarters of linear1.
  linear1_qkv: ['attn.to_q', 'attn.to_k', 'attn.to_v'],
  linear2: ['proj_out'],
  'norm.query_norm': ['attn.norm_q'],
  'norm.key_norm': ['attn.norm_k'],
}

/** Canonical modules of e.g. `double_blocks.3.img_attn.qkv`; undefined for a name that FLUX does not have. */
export function bflModule(name: string): BflModule | undefined {
  const block = /^(double|single)_blocks\.(\d+)\.(.+)$/.exec(name)
  if (block) return blockModule(block[1] as 'double' | 'single', block[2]!, block[3]!)
  const module = Object.hasOwn(topLevel, name) ? topLevel[name] : undefined
  return module ? { modules: [module], swapsHalves: module === 'norm_out.linear' } : undefined
}

const underscored = new Map(
  [topLevel, doubleBlock, singleBlock].flatMap((table) =>
    Object.keys(table).map((name) => [name.replaceAll('.', '_'), name]),
  ),
)

/** The same for kohya's flattened names, e.g. `double_blocks_3_img_attn_qkv`. */
export function bflModuleFromUnderscored(name: string): BflModule | undefined {
  const block = /^(double|single)_blocks_(\d+)_(.+)$/.exec(name)
  const local = underscored.get(block ? block[3]! : name)
  if (local === undefined) return undefined
  return block ? blockModule(block[1] as 'double' | 'single', block[2]!, local) : bflModule(local)
}

/**
 * Cuts stacked rows into those of each canonical module. All but the MLP have `hidden` rows. A stack may end after v:
 * LoRAs for q, k, v alone are stored so.
 */
export function unstack(view: WeightView, module: BflModule, hidden: number): { module: string; view: WeightView }[] {
  const height = view.shape[0] ?? 0
  if (module.modules.length === 1) return [{ module: module.modules[0]!, view }]
  const parts: { module: string; view: WeightView }[] = []
  let from = 0
  for (const [i, name] of module.modules.entries()) {
    const to = i === 3 ? height : from + hidden
    if (from === height && i === 3) break
    parts.push({ module: name, view: rows(view, from, to) })
    from = to
  }
  if (from !== height)
    throw new WeightsError(
      'weights/view-invalid',
      `${view.name}: expected ${from} stacked rows for ${module.modules.join(', ')}, got ${height}`,
    )
  return parts
}

function blockModule(kind: 'double' | 'single', index: string, local: string): BflModule | undefined {
  const table = kind === 'double' ? doubleBlock : singleBlock
  if (!Object.hasOwn(table, local)) return undefined
  const block = kind === 'double' ? 'transformer_blocks' : 'single_transformer_blocks'
  return { modules: table[local]!.map((module) => `${block}.${index}.${module}`), swapsHalves: false }
}
