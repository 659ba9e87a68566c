/** The tokens `[ref#1]` … `[ref#9]` and `[res]` in prompts: where they stand. Advice on their use is in prompt-lint.ts. */

/** A stretch of a prompt, in UTF-16 units: prompt.slice(start, end). */
export interface PromptRange {
  start: number
  end: number
}

/** A placeholder that the T5 tokenizer will see as one token. */
export interface Placeholder extends PromptRange {
  /** Exactly the token, such as `[ref#2]`. */
  token: string
  /** 1 … 9, or null for `[res]`, which stands for the picture being made. */
  slot: number | null
}

/** Something that looks like a placeholder but would reach T5 as plain text. */
export interface MalformedPlaceholder extends PromptRange {
  text: string
  /** The nearest real token. */
  suggestion: string
}

/** The ten tokens in the order of their ids behind T5's vocabulary (`_prepare_t5` of DreamO). */
export const PLACEHOLDER_TOKENS: readonly string[] = [
  ...Array.from({ length: 9 }, (_, i) => placeholderToken(i + 1)),
  '[res]',
]

/** The token that names the reference in a slot 1 … 9. */
export function placeholderToken(slot: number): string {
  return `[ref#${slot}]`
}

/** Every placeholder of a prompt, from left to right. */
export function findPlaceholders(prompt: string): Placeholder[] {
  return Array.from(prompt.matchAll(/\[ref#([1-9])\]|\[res\]/g), (match) => ({
    token: match[0],
    slot: match[1] === undefined ? null : Number(match[1]),
    ...rangeOf(match),
  }))
}

/** What was probably meant as a placeholder but is none: `[ref 1]`, `[Ref#1]`, `[ref#0]`, `[ref#10]`, `ref#1`, `[RES]`. */
export function findMalformedPlaceholders(prompt: string): MalformedPlaceholder[] {
  const good = new Set(findPlaceholders(prompt).map(({ start }) => start))
  const lookalike = /\[\s*ref(?:erence)?[\s#_-]*(\d*)\s*\]|\[?(?<!\w)ref#\s?(\d+)\]?|\[\s*(res)\s*\]/gi
  return Array.from(prompt.matchAll(lookalike), (match) => ({
    text: match[0],
    suggestion: match[3] ? '[res]' : placeholderToken(nearestSlot(match[1] ?? match[2])),
    ...rangeOf(match),
  })).filter(({ start }) => !good.has(start))
}

/** A number of any length, or none, to the nearest slot. */
function nearestSlot(digits: string | undefined): number {
  return Math.min(9, Math.max(1, Number(digits) || 1))
}

function rangeOf(match: RegExpExecArray): PromptRange {
  return { start: match.index, end: match.index + match[0].length }
}
