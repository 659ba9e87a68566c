// CLIP and T5 text encoders as they are passed around → the names of transformers.
import { renamed, type WeightSet, type WeightView } from './view.js'

const clipRoot = 'text_model.'

/** Puts the `text_model.` prefix back that transformers 5 leaves out. */
export function clipWithRoot(raw: WeightSet): WeightSet {
  const canonical = new Map<string, WeightView>()
  for (const view of raw.values()) {
    const key = view.name.startsWith(clipRoot) ? view.name : clipRoot + view.name
    canonical.set(key, renamed(view, key))
  }
  return canonical
}

/** A buffer that counts 0, 1, 2…, and two tensors for comparing texts with pictures: FLUX uses none of them. */
export function isIgnoredByClip(name: string): boolean {
  return /(^|\.)(position_ids|logit_scale|text_projection(\.weight)?)$/.test(name)
}

/** The embedding table once, as `shared.weight`. */
export function t5WithShared(raw: WeightSet): WeightSet {
  const tied = raw.get(tiedEmbedding)
  if (!tied || raw.has('shared.weight')) return raw
  const canonical = new Map(raw)
  canonical.delete(tiedEmbedding)
  return canonical.set('shared.weight', renamed(tied, 'shared.weight'))
}

const tiedEmbedding = 'encoder.embed_tokens.weight'

/** The other name of the tied embedding, the decoder of a full T5, and the tokenizer that some files carry along. */
export function isIgnoredByT5(name: string, raw: WeightSet): boolean {
  if (name === tiedEmbedding) return raw.has('shared.weight')
  return /^(decoder\.|lm_head\.|logit_scale$|spiece_model$)/.test(name)
}
