// Autoencoders in the layout of latent-diffusion (ae.safetensors) and of early diffusers → today's AutoencoderKL.
import { renamed, reshape, type WeightSet, type WeightView } from './view.js'

/** `decoder.up` counts from the picture, diffusers' `up_blocks` from the latent: the order is reversed. */
export function vaeFromLdm(raw: WeightSet): WeightSet {
  const levels = [...raw.keys()].flatMap((name) => /^decoder\.up\.(\d+)\./.exec(name)?.[1] ?? []).map(Number)
  const last = levels.reduce((a, b) => Math.max(a, b), 0)
  return renameAll(raw, (name) =>
    name
      .replace(/^encoder\.down\.(\d+)\.block\.(\d+)\./, 'encoder.down_blocks.$1.resnets.$2.')
      .replace(/^encoder\.down\.(\d+)\.downsample\./, 'encoder.down_blocks.$1.downsamplers.0.')
      .replace(
        /^decoder\.up\.(\d+)\.block\.(\d+)\./,
        (_, up, block) => `decoder.up_blocks.${last - up}.resnets.${block}.`,
      )
      .replace(/^decoder\.up\.(\d+)\.upsample\./, (_, up) => `decoder.up_blocks.${last - up}.upsamplers.0.`)
      .replace(/^(encoder|decoder)\.mid\.block_([12])\./, (_, half, block) => `${half}.mid_block.resnets.${block - 1}.`)
      .replace(/^(encoder|decoder)\.mid\.attn_1\.norm\./, '$1.mid_block.attentions.0.group_norm.')
      .replace(/^(encoder|decoder)\.mid\.attn_1\.([qkv])\./, '$1.mid_block.attentions.0.to_$2.')
      .replace(/^(encoder|decoder)\.mid\.attn_1\.proj_out\./, '$1.mid_block.attentions.0.to_out.0.')
      .replace(/^(encoder|decoder)\.norm_out\./, '$1.conv_norm_out.')
      .replace('.nin_shortcut.', '.conv_shortcut.'),
  )
}

/** diffusers before 0.18 called the attention's linears query, key, value and proj_attn. */
export function vaeFromDiffusers(raw: WeightSet): WeightSet {
  const renames: Record<string, string> = { query: 'to_q', key: 'to_k', value: 'to_v', proj_attn: 'to_out.0' }
  return renameAll(raw, (name) =>
    name.replace(/(\.attentions\.\d+\.)(query|key|value|proj_attn)\./, (_, at, old) => `${at}${renames[old]}.`),
  )
}

function renameAll(raw: WeightSet, rename: (name: string) => string): WeightSet {
  const canonical = new Map<string, WeightView>()
  for (const [name, view] of raw) {
    const key = rename(name)
    canonical.set(key, renamed(isAttentionLinear(key, view) ? reshape(view, view.shape.slice(0, 2)) : view, key))
  }
  return canonical
}

/** Attention as 1×1 convolutions [o, i, 1, 1] holds the same bytes as linears [o, i]. */
function isAttentionLinear(key: string, { shape }: WeightView): boolean {
  return /\.attentions\.\d+\.to_.*\.weight$/.test(key) && shape.length === 4 && shape[2] === 1 && shape[3] === 1
}
