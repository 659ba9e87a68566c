/** What is to be said of the [ref#n] in a prompt. The model's own advice comes with a run; this is it while one types. */
import type { Reference } from './references.js'

export interface PromptMark {
  readonly start: number
  readonly end: number
  readonly kind: 'bound' | 'repeated' | 'missing' | 'malformed' | 'result'
  readonly slot?: number
}

export interface PromptFinding {
  readonly tone: 'warn' | 'hint'
  readonly message: string
  /** Text to put in the place of the mark, or at the start where there is none. */
  readonly fix?: { readonly text: string; readonly start: number; readonly end: number }
}

export const stylePrefix = 'generate a same style image.'

export function markPrompt(prompt: string, references: readonly Reference[]): PromptMark[] {
  const slots = new Set(references.map(({ slot }) => slot))
  const seen = new Set<number>()
  const marks: PromptMark[] = []
  for (const match of prompt.matchAll(/\[\s*ref(?:erence)?[\s#_-]*(\d*)\s*\]|\[res\]/gi)) {
    const [text, digits = ''] = match
    const range = { start: match.index, end: match.index + text.length }
    const slot = Number(digits)
    if (text === '[res]') marks.push({ ...range, kind: 'result' })
    else if (!/^\[ref#[1-9]\]$/.test(text))
      marks.push({ ...range, kind: 'malformed', slot: Math.min(9, Math.max(1, slot || 1)) })
    else {
      marks.push({ ...range, slot, kind: !slots.has(slot) ? 'missing' : seen.has(slot) ? 'repeated' : 'bound' })
      seen.add(slot)
    }
  }
  return marks
}

/** `isNegative`: a prompt of what to avoid names no references. */
export function findInPrompt(prompt: string, references: readonly Reference[], isNegative = false): PromptFinding[] {
  const marks = markPrompt(prompt, references)
  const findings = marks.flatMap(({ kind, slot, start, end }): PromptFinding[] => {
    const text = `[ref#${slot}]`
    if (kind === 'malformed') {
      return [
        {
          tone: 'warn',
          message: `${prompt.slice(start, end)} is plain text to the model; ${text}?`,
          fix: { text, start, end },
        },
      ]
    }
    if (kind === 'missing') return [{ tone: 'warn', message: `${text} has no reference: none is in slot ${slot}.` }]
    if (kind === 'repeated') return [{ tone: 'hint', message: `${text} is there twice.` }]
    return []
  })
  if (isNegative) return findings
  const slots = references.map(({ slot }) => slot)
  for (const slot of new Set(slots.filter((slot, index) => slots.indexOf(slot) !== index))) {
    findings.push({ tone: 'warn', message: `Two references are in slot ${slot}.` })
  }
  if (references.some(({ task }) => task === 'style') && !prompt.trimStart().startsWith(stylePrefix)) {
    const fix = { text: `${stylePrefix} `, start: 0, end: 0 }
    findings.push({ tone: 'warn', message: `A style reference works only behind “${stylePrefix}”`, fix })
  }
  const named = new Set(marks.map(({ slot }) => slot))
  const nameable = references.filter(({ task }) => task !== 'style')
  for (const { slot } of nameable.length < 2 ? [] : nameable) {
    if (!named.has(slot))
      findings.push({ tone: 'hint', message: `Reference ${slot} is not named: put [ref#${slot}] behind its words.` })
  }
  return findings
}
