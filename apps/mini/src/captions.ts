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
  /**
   * Text token of the noun that a slot's placeholder stands behind, in the caption without placeholders: of equal nouns the one
   * at the same turn, as both captions name things in one order. Undefined where there is no placeholder.
   */
  nounAt(captions: { readonly plain: string; readonly pointed: string }, slot: number): number | undefined
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
  const placeholderAt = (caption: string, slot: number): number | undefined => {
    const at = ids(caption).text.indexOf(placeholders.placeholderIds.get(placeholderToken(slot))!)
    return at < 0 ? undefined : at
  }
  // The space before a placeholder is a token as well.
  const [bare, pointed] = ['the', `the ${placeholderToken(1)}`].map((caption) => ids(caption).text)
  const leadTokens = placeholderAt(`the ${placeholderToken(1)}`, 1)! - pointed.findIndex((id, i) => id !== bare[i])
  return {
    ids,
    placeholderAt,
    nounAt({ plain, pointed }, slot) {
      const at = placeholderAt(pointed, slot)
      if (at === undefined) return undefined
      const said = ids(plain).text
      const before = ids(pointed).text.slice(0, at - leadTokens)
      const noun = before.at(-1)
      let turn = before.filter((id) => id === noun).length
      const found = said.findIndex((id) => id === noun && --turn === 0)
      return found < 0 ? undefined : found
    },
  }
}
