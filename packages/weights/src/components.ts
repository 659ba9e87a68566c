// The four components of a FLUX pipeline and the layouts in which the world ships them.
import { type Component, type LayoutRule, openComponent } from './component.js'
import type { WeightSet } from './view.js'

const same = (raw: WeightSet): WeightSet => raw

const transformerRules: readonly LayoutRule[] = [
  { layout: 'diffusers', prefixes: [''], signature: 'x_embedder.weight', toCanonical: same },
]

const vaeRules: readonly LayoutRule[] = [
  { layout: 'diffusers', prefixes: [''], signature: 'decoder.mid_block.resnets.0.norm1.weight', toCanonical: same },
]

const clipRules: readonly LayoutRule[] = [
  {
    layout: 'transformers',
    prefixes: [''],
    signature: 'text_model.embeddings.token_embedding.weight',
    toCanonical: same,
  },
]

const t5Rules: readonly LayoutRule[] = [
  { layout: 'transformers', prefixes: [''], signature: 'encoder.final_layer_norm.weight', toCanonical: same },
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
