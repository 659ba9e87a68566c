// The names under which the world stores LoRAs for FLUX, one function per family. Pure.
import { type BflModule, bflModule, bflModuleFromUnderscored } from './bfl-modules.js'

/**
 * diffusers: `transformer.X.lora_A.weight` or `.lora.down.weight`; peft: `base_model.model.X.lora_A[.default].weight`;
 * kohya: `lora_unet_Y.lora_down.weight`; xlabs (also DreamO's own): `double_blocks.N.processor.qkv_lora1.down.weight`;
 * comfy: original module names, `diffusion_model.double_blocks.N.img_attn.qkv.lora_A.weight`.
 */
export type LoraFormat = 'diffusers' | 'peft' | 'kohya' | 'xlabs' | 'comfy'

/** `down` is [r, in], `up` [out, r], `alpha` a number. */
export type LoraRole = 'down' | 'up' | 'alpha'

export interface LoraKey {
  readonly format: LoraFormat
  /** what the key's down, up and alpha have in common */
  readonly group: string
  readonly role: LoraRole
  readonly target: BflModule
}

/** What a key means, or undefined when it means nothing to a FLUX transformer. */
export function parseLoraKey(name: string): LoraKey | undefined {
  return parseXlabs(name) ?? parseSuffixed(name)
}

/** Text encoders may be adapted in the same file; those adapters are no concern of the transformer. */
export function isTextEncoderKey(name: string): boolean {
  return /^(base_model\.model\.)?(lora_te\d*_|text_encoder(_\d)?\.|text_encoders\.|cond_stage_model\.)/.test(name)
}

const xlabsTargets: Record<string, Record<string, readonly string[]>> = {
  double: {
    qkv_lora1: ['attn.to_q', 'attn.to_k', 'attn.to_v'],
    qkv_lora2: ['attn.add_q_proj', 'attn.add_k_proj', 'attn.add_v_proj'],
    proj_lora1: ['attn.to_out.0'],
    proj_lora2: ['attn.to_add_out'],
  },
  single: { qkv_lora: ['attn.to_q', 'attn.to_k', 'attn.to_v'], proj_lora: ['proj_out'] },
}

/** What stands between block number and adapter is not looked at: files in use differ (`.processor.`, `_processor.`). */
function parseXlabs(name: string): LoraKey | undefined {
  const match = /(double|single)_blocks[._](\d+)[._].*?((?:qkv|proj)_lora[12]?)\.(down|up)\.weight$/.exec(name)
  if (!match) return undefined
  const [, kind, index, adapter, role] = match as unknown as [string, string, string, string, 'down' | 'up']
  const locals = xlabsTargets[kind]?.[adapter]
  if (!locals) return undefined
  const block = kind === 'double' ? 'transformer_blocks' : 'single_transformer_blocks'
  const modules = locals.map((local) => `${block}.${index}.${local}`)
  return { format: 'xlabs', group: `${kind}.${index}.${adapter}`, role, target: { modules, swapsHalves: false } }
}

const suffix =
  /\.(?:lora_A(?:\.\w+)?\.weight|lora_B(?:\.\w+)?\.weight|lora(?:_|\.)(?:down|up)\.weight|(?:lora\.)?alpha)$/

function parseSuffixed(name: string): LoraKey | undefined {
  const ending = suffix.exec(name)
  if (!ending || isTextEncoderKey(name)) return undefined
  const module = name.slice(0, ending.index)
  const role = /alpha$/.test(ending[0]) ? 'alpha' : /lora_A|down/.test(ending[0]) ? 'down' : 'up'
  const named = parseKohya(module) ?? parseDotted(module)
  return named && { ...named, group: module, role }
}

function parseKohya(module: string): Pick<LoraKey, 'format' | 'target'> | undefined {
  const flat = /^lora_(?:unet|transformer)_(.+)$/.exec(module)?.[1]
  if (flat === undefined) return undefined
  const target = bflModuleFromUnderscored(flat) ?? canonicalFromUnderscored(flat)
  return target && { format: 'kohya', target }
}

function parseDotted(module: string): Pick<LoraKey, 'format' | 'target'> | undefined {
  const peft = module.startsWith('base_model.model.')
  const bare = module.replace(/^base_model\.model\./, '').replace(/^(transformer|(model\.)?diffusion_model)\./, '')
  const original = bflModule(bare)
  if (original) return { format: 'comfy', target: original }
  // A prefix vouches for a name; without one, only names of the transformer itself are taken.
  if (
    bare === module &&
    !/^((single_)?transformer_blocks|time_text_embed)\.|^((x|context)_embedder|norm_out\.linear|proj_out)$/.test(module)
  )
    return undefined
  return { format: peft ? 'peft' : 'diffusers', target: { modules: [bare], swapsHalves: false } }
}

const blockModules = [
  ...[
    'norm1.linear',
    'norm1_context.linear',
    'attn.to_q',
    'attn.to_k',
    'attn.to_v',
    'attn.to_out.0',
    'attn.to_add_out',
  ],
  ...['attn.add_q_proj', 'attn.add_k_proj', 'attn.add_v_proj', 'ff.net.0.proj', 'ff.net.2'],
  ...['ff_context.net.0.proj', 'ff_context.net.2', 'norm.linear', 'proj_mlp', 'proj_out'],
]
const topModules = ['x_embedder', 'context_embedder', 'norm_out.linear', 'proj_out'].concat(
  ['timestep', 'guidance', 'text'].flatMap((kind) =>
    [1, 2].map((layer) => `time_text_embed.${kind}_embedder.linear_${layer}`),
  ),
)

/** diffusers' names with underscores for dots, as kohya-style trainers write them for diffusers' models. */
function canonicalFromUnderscored(flat: string): BflModule | undefined {
  const block = /^((?:single_)?transformer_blocks)_(\d+)_(.+)$/.exec(flat)
  const local = (block ? blockModules : topModules).find(
    (name) => name.replaceAll('.', '_') === (block ? block[3] : flat),
  )
  if (local === undefined) return undefined
  return { modules: [block ? `${block[1]}.${block[2]}.${local}` : local], swapsHalves: false }
}
