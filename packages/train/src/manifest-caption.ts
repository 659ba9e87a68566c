// Captions of a data set with and without placeholders.

interface Place {
  readonly slot: string
  readonly from: number
  readonly to: number
}

/**
 * Where the phrases stand: each at its first mention as whole words that no other phrase has, longer ones first, so that "car"
 * is not looked for in "red car". Phrases that have no such place are absent.
 */
export function placesOf(caption: string, phrases: Readonly<Record<string, string>>): Place[] {
  const taken: Place[] = []
  const longestFirst = Object.entries(phrases).sort(([, a], [, b]) => b.length - a.length)
  for (const [slot, phrase] of longestFirst) {
    const place = mentions(caption, phrase)
      .map((from) => ({ slot, from, to: from + phrase.length }))
      .find(({ from, to }) => taken.every((other) => to <= other.from || from >= other.to))
    if (place) taken.push(place)
  }
  return taken
}

/** Puts `[ref#n]` behind the place of each phrase; what a caption already names is left alone. */
export function withPlaceholders(caption: string, phrases: Readonly<Record<string, string>>): string {
  const unnamed = placesOf(caption, phrases).filter(({ slot }) => !caption.includes(tokenOf(slot)))
  const lastFirst = unnamed.sort((a, b) => b.to - a.to)
  return lastFirst.reduce((text, { slot, to }) => `${text.slice(0, to)} ${tokenOf(slot)}${text.slice(to)}`, caption)
}

/** The caption without placeholders and the gaps they leave. */
export function plainCaption(caption: string): string {
  return caption
    .replace(/\s*\[(?:ref#[1-9]|res)\]/g, '')
    .replace(/ {2,}/g, ' ')
    .trim()
}

const tokenOf = (slot: string): string => `[ref#${slot}]`

function mentions(caption: string, phrase: string): number[] {
  const found: number[] = []
  for (let at = caption.indexOf(phrase); at >= 0; at = caption.indexOf(phrase, at + 1)) {
    if (isWordEdge(caption, at) && isWordEdge(caption, at + phrase.length)) found.push(at)
  }
  return found
}

/** Characters of scripts that set words apart; in Chinese or Japanese a word may begin anywhere. */
const inWords = /[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{M}\p{N}]/u

/** Whether the caption may be cut here without cutting a word. */
const isWordEdge = (caption: string, at: number): boolean =>
  at === 0 || at === caption.length || !(inWords.test(caption[at - 1]) && inWords.test(caption[at]))
