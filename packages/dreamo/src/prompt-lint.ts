/** Advice on a prompt before it runs: does it fit its references? Nothing here changes a prompt unless asked to. */
import { findMalformedPlaceholders, findPlaceholders, type PromptRange, placeholderToken } from './placeholders.js'
import type { ReferenceTask } from './references.js'

/** What DreamO's style task was trained with at the start of every prompt; without it style references do nothing. */
export const STYLE_PREFIX = 'generate a same style image.'

/** Finding → how much it matters. A warning means that the picture will ignore something the user wrote or wired. */
export const promptFindings = {
  'placeholder-malformed': 'warning',
  'placeholder-without-reference': 'warning',
  'style-prefix-missing': 'warning',
  'reference-unnamed': 'hint',
} as const

export type PromptFindingKind = keyof typeof promptFindings

export interface PromptFinding {
  kind: PromptFindingKind
  severity: 'warning' | 'hint'
  message: string
  /** Where in the prompt; absent when the prompt lacks something. */
  range?: PromptRange
  /** What to put in place of the range, or at the start of the prompt where there is none. */
  suggestion?: string
}

/** Every finding on a prompt and the references wired to it, in order of appearance. */
export function lintPrompt(
  prompt: string,
  references: readonly { slot: number; task: ReferenceTask }[],
): PromptFinding[] {
  const slots = new Set(references.map(({ slot }) => slot))
  const placeholders = findPlaceholders(prompt)
  const findings: PromptFinding[] = []
  if (needsStylePrefix(prompt, references)) {
    const message = `prompt: expected "${STYLE_PREFIX}" at its start for a style reference, got none`
    findings.push({ ...graded('style-prefix-missing'), message, suggestion: `${STYLE_PREFIX} ` })
  }
  for (const { text, suggestion, start, end } of findMalformedPlaceholders(prompt)) {
    const message = `prompt: expected [ref#1] to [ref#9] or [res], got ${text}; did you mean ${suggestion}?`
    findings.push({ ...graded('placeholder-malformed'), message, range: { start, end }, suggestion })
  }
  for (const { token, slot, start, end } of placeholders) {
    if (slot === null || slots.has(slot)) continue
    const message = `prompt: expected a reference in slot ${slot} for ${token}, got none`
    findings.push({ ...graded('placeholder-without-reference'), message, range: { start, end } })
  }
  findings.sort((a, b) => (a.range?.start ?? -1) - (b.range?.start ?? -1))
  return [...findings, ...unnamedReferences(references, new Set(placeholders.map(({ slot }) => slot)))]
}

/** The prompt with the style prefix in front if a style reference needs it and it is not there yet. */
export function withStylePrefix(prompt: string, references: readonly { task: ReferenceTask }[]): string {
  return needsStylePrefix(prompt, references) ? `${STYLE_PREFIX} ${prompt.trimStart()}` : prompt
}

function needsStylePrefix(prompt: string, references: readonly { task: ReferenceTask }[]): boolean {
  return references.some(({ task }) => task === 'style') && !prompt.trimStart().startsWith(STYLE_PREFIX)
}

/** Naming is optional, half of the training captions are plain; it pays once two references could be confused. */
function unnamedReferences(
  references: readonly { slot: number; task: ReferenceTask }[],
  named: ReadonlySet<number | null>,
): PromptFinding[] {
  const nameable = references.filter(({ task }) => task !== 'style')
  if (nameable.length < 2) return []
  return nameable
    .filter(({ slot }) => !named.has(slot))
    .map(({ slot }) => ({
      ...graded('reference-unnamed'),
      message: `prompt: expected ${placeholderToken(slot)} after the words for reference ${slot}, got none`,
    }))
}

function graded(kind: PromptFindingKind): Pick<PromptFinding, 'kind' | 'severity'> {
  return { kind, severity: promptFindings[kind] }
}
