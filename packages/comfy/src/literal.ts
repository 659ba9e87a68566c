/** Literals of a prompt read as ComfyUI reads them, which is as Python converts: "12" is 12, 3.7 is 3, true is 1. */
import type { ComfyJson } from './exact-json.js'
import { pythonLiteral } from './python-text.js'

/** A converted value, or Python's complaint. */
export type Converted<T> = { readonly value: T } | { readonly complaint: string }

/** `int(value)`, exact where it is a bigint or digits. */
export function toInt(value: ComfyJson): Converted<number | bigint> {
  if (typeof value === 'bigint') return { value }
  if (typeof value === 'number' || typeof value === 'boolean') return { value: Math.trunc(Number(value)) }
  if (typeof value === 'string') {
    const digits = value.trim()
    if (!/^[+-]?\d{1,40}$/.test(digits)) {
      return { complaint: `invalid literal for int() with base 10: ${pythonLiteral(value)}` }
    }
    const number = Number(digits)
    return { value: Number.isSafeInteger(number) ? number : BigInt(digits.replace('+', '')) }
  }
  const kinds = 'int() argument must be a string, a bytes-like object or a real number, not'
  return { complaint: `${kinds} '${pythonType(value)}'` }
}

/** `float(value)`. */
export function toFloat(value: ComfyJson): Converted<number> {
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean')
    return { value: Number(value) }
  if (typeof value === 'string') {
    const number = Number(value.trim())
    if (value.trim() !== '' && Number.isFinite(number)) return { value: number }
    return { complaint: `could not convert string to float: ${pythonLiteral(value)}` }
  }
  return { complaint: `float() argument must be a string or a real number, not '${pythonType(value)}'` }
}

function pythonType(value: ComfyJson): string {
  if (value === null) return 'NoneType'
  return Array.isArray(value) ? 'list' : 'dict'
}
