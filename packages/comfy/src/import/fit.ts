/** Values brought into the range of our params, as far as that is the same wish. */
import type { JsonValue, ParamDescription } from '@dreamgraph/graph'

/** The value that the param takes, and the rule it broke if it is another one. */
export function fitParam(
  { kind, options }: ParamDescription,
  value: JsonValue,
): { readonly value: JsonValue; readonly rule?: string } {
  if (typeof value === 'number' && (kind === 'int' || kind === 'float')) {
    const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = options as { min?: number; max?: number }
    const fitting = Math.min(Math.max(kind === 'int' ? Math.trunc(value) : value, min), max)
    return fitting === value ? { value } : { value: fitting, rule: rangeOf(min, max) }
  }
  const { maxLength } = options
  if (typeof value === 'string' && typeof maxLength === 'number' && value.length > maxLength) {
    return { value: value.slice(0, maxLength), rule: `at most ${maxLength} characters` }
  }
  return { value }
}

function rangeOf(min: number, max: number): string {
  if (min === Number.NEGATIVE_INFINITY) return max === Number.POSITIVE_INFINITY ? 'whole numbers' : `at most ${max}`
  return max === Number.POSITIVE_INFINITY ? `at least ${min}` : `${min} to ${max}`
}
