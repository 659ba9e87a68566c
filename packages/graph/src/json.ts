/** JSON as plain values: the type, equality, and one canonical spelling to hash. No parsing or files here. */

export type JsonValue = null | boolean | number | string | JsonValue[] | JsonObject

export interface JsonObject {
  [key: string]: JsonValue
}

/** True for `{…}`: not null, not an array. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Deep equality of JSON values; key order does not matter. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, index) => sameJson(item, b[index]))
  }
  if (!isJsonObject(a) || !isJsonObject(b)) return false
  const keys = Object.keys(a)
  if (keys.length !== Object.keys(b).length) return false
  return keys.every((key) => Object.hasOwn(b, key) && sameJson(a[key], b[key]))
}

/** One text for one value: keys sorted by code unit, no spaces, numbers as JavaScript prints them (RFC 8785 without its I-JSON checks). */
export function canonicalJson(value: JsonValue): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  const members = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key]!)}`)
  return `{${members.join(',')}}`
}

/** Short, single-line spelling of any value for a message; long values are cut. */
export function showValue(value: unknown): string {
  let text: string | undefined
  try {
    text = typeof value === 'bigint' ? `${value}` : JSON.stringify(value)
  } catch {
    text = undefined // cyclic, or holds a bigint: fall back to its kind
  }
  if (text === undefined) return value === undefined ? 'nothing' : `a ${typeof value}`
  return text.length <= 80 ? text : `${text.slice(0, 77)}…`
}
