/** Values as Python prints them, because ComfyUI's messages hold them so and clients show them. */
import type { ComfyJson } from './exact-json.js'

/** `str(value)`. */
export function pythonText(value: ComfyJson): string {
  return typeof value === 'string' ? value : pythonLiteral(value)
}

/** `repr(value)`. */
export function pythonLiteral(value: ComfyJson): string {
  if (value === null) return 'None'
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (typeof value === 'string') return quoted(value)
  if (Array.isArray(value)) return `[${value.map(pythonLiteral).join(', ')}]`
  if (typeof value !== 'object') return `${value}`
  return `{${Object.entries(value)
    .map(([key, member]) => `${quoted(key)}: ${pythonLiteral(member)}`)
    .join(', ')}}`
}

/** Floats keep their point: 1.0. */
export function pythonFloat(value: number): string {
  return Number.isInteger(value) ? `${value}.0` : `${value}`
}

function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'"
  const escaped = text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll(quote, `\\${quote}`)
  return quote + escaped + quote
}
