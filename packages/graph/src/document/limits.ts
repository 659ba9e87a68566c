/** Limits on documents from strangers; generous for people, firm against accidents and attacks. */

export interface DocumentLimits {
  readonly textChars: number
  /** Nesting of JSON arrays and objects. */
  readonly depth: number
  /** Nodes, in the workflow and all components together. */
  readonly nodes: number
  readonly links: number
}

export const defaultDocumentLimits: DocumentLimits = {
  textChars: 64 * 1024 * 1024,
  depth: 64,
  nodes: 100_000,
  links: 500_000,
}

/** Deepest nesting of brackets outside strings; safe on any text, without recursion. */
export function nestingDepth(text: string): number {
  let depth = 0
  let deepest = 0
  let inString = false
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (inString) {
      if (code === 0x5c)
        index++ // a backslash hides the next character
      else if (code === 0x22) inString = false
    } else if (code === 0x22) inString = true
    else if (code === 0x7b || code === 0x5b) deepest = Math.max(deepest, ++depth)
    else if (code === 0x7d || code === 0x5d) depth--
  }
  return deepest
}
