/** Any value as plain JSON without secrets: bounded before anything recursive runs, so that the rest may trust it. */

import { fail } from './errors.js'
import { type ComfyJson, maxDepth } from './exact-json.js'
import { withoutSecret } from './secrets.js'

/** Values in a file; a flow of a thousand nodes has about a hundred thousand. */
const maxValues = 5_000_000

/** A deep copy in which only JSON and bigints are left. Throws comfy/too-large. */
export function plainJson(value: unknown): ComfyJson {
  checkBounds(value)
  return copy('', value)
}

function copy(name: string, value: unknown): ComfyJson {
  if (Array.isArray(value)) return value.map((item) => copy(name, item))
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, copy(key, member)]))
  }
  if (typeof value === 'number') return Number.isFinite(value) ? value : null
  if (typeof value === 'bigint' || typeof value === 'boolean') return value
  return typeof value === 'string' ? withoutSecret(name, value) : null
}

/** Level by level, without recursion: safe on values that hold themselves. */
function checkBounds(value: unknown): void {
  let level: unknown[] = [value]
  let count = 0
  for (let depth = 0; level.length > 0; depth++) {
    const next: unknown[] = []
    for (const item of level) {
      if (typeof item !== 'object' || item === null) continue
      if (depth === maxDepth) fail('comfy/too-large', '', `nesting of at most ${maxDepth}`, 'more')
      const members = Object.values(item)
      count += members.length
      if (count > maxValues) fail('comfy/too-large', '', `at most ${maxValues} values`, 'more')
      for (const member of members) next.push(member)
    }
    level = next
  }
}
