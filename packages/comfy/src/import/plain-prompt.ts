/** ComfyUI's prompt syntax out of a prompt: emphasis, which FLUX's encoders know nothing of, and names of embeddings. */

export interface PlainPrompt {
  readonly text: string
  /** What was taken out, for the report. */
  readonly lost: readonly string[]
}

/** `:1.2` before a closing parenthesis. */
const weight = /:\s*-?\d*\.?\d+\s*$/

/** Characters that a weight may take. */
const longestWeight = 32

/** `a (red:1.3) fox \(vulpes\)` → `a red fox (vulpes)`. */
export function plainPrompt(prompt: string): PlainPrompt {
  const pairs = parentheses(prompt)
  const letters: string[] = []
  for (let at = 0; at < prompt.length; at++) {
    const character = prompt[at]!
    const next = prompt[at + 1]
    if (character === '\\' && (next === '(' || next === ')')) {
      letters.push(next)
      at++
    } else if (!pairs.has(at)) letters.push(character)
    else if (character === ')') {
      const end = letters.slice(-longestWeight).join('')
      letters.length -= end.length - end.replace(weight, '').length
    }
  }
  const text = letters.join('')
  const withoutNames = text.replace(/\bembedding:([\w.-]+)/g, (_, name: string) => name)
  const lost = [...(pairs.size > 0 ? ['emphasis'] : []), ...(withoutNames === text ? [] : ['embeddings'])]
  return { text: withoutNames, lost }
}

/** Places of all parentheses that have a partner and no backslash before them. */
function parentheses(prompt: string): Set<number> {
  const pairs = new Set<number>()
  const open: number[] = []
  for (let at = 0; at < prompt.length; at++) {
    if (prompt[at] === '\\') at++
    else if (prompt[at] === '(') open.push(at)
    else if (prompt[at] === ')' && open.length > 0) pairs.add(open.pop()!).add(at)
  }
  return pairs
}
