// Captions as token ids, remembered: a caption comes again whenever its sample does.
import { type ClipTokenizer, placeholderToken, type T5Tokenizer } from '@dreamgraph/dreamo'
import { pooledTokens, textTokens } from './configs.js'

export interface CaptionIds {
  /** Of T5, padded to `textTokens`. */
  readonly text: readonly number[]
  /** Of CLIP, padded to `pooledTokens`. */
  readonly pooled: readonly number[]
}

export interface Captions {
  ids(caption: string): CaptionIds
  /** Text token of the placeholder of a slot; undefined where the caption does not name it. */
  placeholderAt(caption: string, slot: number): number | undefined
}

export function captionIds({ t5, clip }: { t5: T5Tokenizer; clip: ClipTokenizer }): Captions {
  const known = new Map<string, CaptionIds>()
  const placeholders = t5.withPlaceholders()
  const ids = (caption: string): CaptionIds => {
    const made = known.get(caption) ?? {
      text: placeholders.encode(caption, textTokens),
      pooled: clip.encode(caption).slice(0, pooledTokens),
    }
    known.set(caption, made)
    return made
  }
  return {
    ids,
    placeholderAt(caption, slot) {
      const at = ids(caption).text.indexOf(placeholders.placeholderIds.get(placeholderToken(slot))!)
      return at < 0 ? undefined : at
    },
  }
}
