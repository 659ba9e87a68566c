// The four components of a FLUX pipeline and the layouts in which the world ships them.
import { type Component, type LayoutRule, openComponent } from './component.js'
import { fluxFromBfl } from './flux-keys.js'
import { clipWithRoot, isIgnoredByClip, isIgnoredByT5, t5WithShared } from './text-encoder-keys.js'
import { vaeFromDiffusers, vaeFromLdm } from './vae-keys.js'

// The prefixes beyond '' are those of ComfyUI's all-in-one files and of exports with the whole model in one file.
const transformerPrefixes = ['', 'model.diffusion_model.', 'diffusion_model.', 'transformer.']

const transformerRules: readonly LayoutRule[] = [
  {
    layout: 'diffusers',
    prefixes: transformerPrefixes,
    signature: 'x_embedder.weight',
    toCanonical: (raw) => raw,
  },
  { layout: 'bfl', prefixes: transformerPrefixes, signature: 'img_in.weight', toCanonical: fluxFromBfl },
]

const vaePrefixes = ['', 'vae.', 'first_stage_model.']

const vaeRules: readonly LayoutRule[] = [
  {
    layout: 'diffusers',
    prefixes: vaePrefixes,
    signature: 'decoder.mid_block.resnets.0.norm1.weight',
    toCanonical: vaeFromDiffusers,
  },
  { layout: 'ldm', prefixes: vaePrefixes, signature: 'decoder.mid.block_1.norm1.weight', toCanonical: vaeFromLdm },
]

const clipEmbedding = 'embeddings.token_embedding.weight'
const clipPrefixes = ['', 'text_encoders.clip_l.transformer.', 'text_encoder.']

const clipRules: readonly LayoutRule[] = [`text_model.${clipEmbedding}`, clipEmbedding].map((signature) => ({
  layout: 'transformers',
  prefixes: clipPrefixes,
  signature,
  toCanonical: clipWithRoot,
  isIgnored: isIgnoredByClip,
}))

const t5Rules: readonly LayoutRule[] = [
  {
    layout: 'transformers',
    prefixes: ['', 'text_encoders.t5xxl.transformer.', 'text_encoder_2.'],
    signature: 'encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight',
    toCanonical: t5WithShared,
    isIgnored: isIgnoredByT5,
  },
]

/** Opens a FLUX transformer under the names of diffusers' FluxTransformer2DModel. */
export function openTransformer(path: string): Promise<Component> {
  return openComponent(path, 'a FLUX transformer', transformerRules)
}

/** Opens an autoencoder under the names of diffusers' AutoencoderKL. */
export function openVae(path: string): Promise<Component> {
  return openComponent(path, 'an autoencoder', vaeRules)
}

/** Opens a CLIP text encoder under the names of transformers' CLIPTextModel (`text_model.…`). */
export function openClip(path: string): Promise<Component> {
  return openComponent(path, 'a CLIP text encoder', clipRules)
}

/** Opens a T5 encoder under the names of transformers' T5EncoderModel, the embedding once as `shared.weight`. */
export function openT5(path: string): Promise<Component> {
  return openComponent(path, 'a T5 encoder', t5Rules)
}
