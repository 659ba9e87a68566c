/** Limits on documents from strangers; generous for people, firm against accidents and attacks. */
import type { JsonValue } from '../json.js'

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

/** Deepest nesting and number of object members of a JSON text, by its punctuation alone: safe on any text, without recursion. */
export function scanJson(text: string): { readonly depth: number; readonly members: number } {
  let open = 0
  let depth = 0
  let members = 0
  let inString = false
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (inString) {
      if (code === 0x5c)
        index++ // a backslash hides the next character
      else if (code === 0x22) inString = false
    } else if (code === 0x22) inString = true
    else if (code === 0x7b || code === 0x5b) depth = Math.max(depth, ++open)
    else if (code === 0x7d || code === 0x5d) open--
    else if (code === 0x3a) members++
  }
  return { depth, members }
}

/** Number of object members in a value; its depth was limited before. */
export function countMembers(value: JsonValue): number {
  if (typeof value !== 'object' || value === null) return 0
  const items = Object.values(value) as JsonValue[]
  return items.reduce<number>((sum, item) => sum + countMembers(item), Array.isArray(value) ? 0 : items.length)
}

/** True when arrays and objects nest deeper than `limit`; without recursion, so that it is safe to ask of any value. */
export function isDeeper(value: JsonValue, limit: number): boolean {
  let level: JsonValue[] = [value]
  for (let depth = 0; level.length > 0; depth++) {
    const containers = level.filter((item) => typeof item === 'object' && item !== null)
    if (containers.length > 0 && depth === limit) return true
    level = containers.flatMap((item) => Object.values(item as object) as JsonValue[])
  }
  return false
}
