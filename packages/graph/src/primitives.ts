/** The built-in socket types: the values of params. Everything else is declared where its values are made. */
import { digestShortText, digestText } from './digest.js'
import { canonicalJson, type JsonValue } from './json.js'
import { type SocketType, socketType, widenFrom } from './socket-type.js'

const wordBytes = 16

/** Whole numbers within ±(2^53 − 1). */
export const intType: SocketType<number> = socketType<number>({
  name: 'int',
  title: 'Integer',
  color: '#81c784',
  digest: (value) => `i${value}`,
  encode: (value) => ({ json: value, blobs: [] }),
  decode: ({ json }) => expectKind(intType, json),
  sizeBytes: () => wordBytes,
  parse: (value) => (Number.isSafeInteger(value) ? (value as number) : undefined),
})

/** Finite 64-bit floats. */
export const floatType: SocketType<number> = socketType<number>({
  name: 'float',
  title: 'Number',
  color: '#aed581',
  digest: (value) => `f${Object.is(value, -0) ? '-0' : value}`,
  encode: (value) => ({ json: value, blobs: [] }),
  decode: ({ json }) => expectKind(floatType, json),
  sizeBytes: () => wordBytes,
  parse: (value) => (typeof value === 'number' && Number.isFinite(value) ? value : undefined),
  acceptsFrom: [widenFrom(intType, (value: number) => value)],
})

export const booleanType: SocketType<boolean> = socketType<boolean>({
  name: 'boolean',
  title: 'Yes or no',
  color: '#e57373',
  digest: (value) => (value ? 'true' : 'false'),
  encode: (value) => ({ json: value, blobs: [] }),
  decode: ({ json }) => expectKind(booleanType, json),
  sizeBytes: () => wordBytes,
  parse: (value) => (typeof value === 'boolean' ? value : undefined),
})

/** Largest seed: seeds are unsigned 64-bit. */
export const maxSeed = 2n ** 64n - 1n

/** Seeds 0 … 2^64 − 1: bigint in memory, a decimal string in JSON (a number is read too while it is exact). */
export const seedType: SocketType<bigint> = socketType<bigint>({
  name: 'seed',
  title: 'Seed',
  color: '#ffb74d',
  digest: (value) => `s${value}`,
  encode: (value) => ({ json: `${value}`, blobs: [] }),
  decode: ({ json }) => expectKind(seedType, json),
  sizeBytes: () => wordBytes,
  parse: parseSeed,
  acceptsFrom: [
    widenFrom(intType, (value) => {
      if (value < 0) throw new RangeError(`seed: expected 0 or more, got ${value}`)
      return BigInt(value)
    }),
  ],
})

export const textType: SocketType<string> = socketType<string>({
  name: 'text',
  title: 'Text',
  color: '#ffd54f',
  digest: digestShortText,
  encode: (value) => ({ json: value, blobs: [] }),
  decode: ({ json }) => expectKind(textType, json),
  sizeBytes: (value) => wordBytes + 2 * value.length,
  parse: (value) => (typeof value === 'string' ? value : undefined),
  acceptsFrom: [widenFrom(intType, String), widenFrom(floatType, String), widenFrom(seedType, String)],
})

/** Paths of files. Not text, so that a computed text can never become a path by a careless link. */
export const fileType: SocketType<string> = socketType<string>({
  name: 'file',
  title: 'File',
  color: '#a1887f',
  digest: digestShortText,
  encode: (value) => ({ json: value, blobs: [] }),
  decode: ({ json }) => expectKind(fileType, json),
  sizeBytes: (value) => wordBytes + 2 * value.length,
  parse: (value) => (typeof value === 'string' && value !== '' ? value : undefined),
})

export const jsonType: SocketType<JsonValue> = socketType<JsonValue>({
  name: 'json',
  title: 'JSON',
  color: '#90a4ae',
  digest: (value) => digestText(canonicalJson(value)),
  encode: (value) => ({ json: value, blobs: [] }),
  decode: ({ json }) => json,
  parse: (value) => (isJson(value) ? value : undefined),
})

export const primitiveTypes: readonly SocketType<unknown>[] = [
  intType,
  floatType,
  booleanType,
  seedType,
  textType,
  fileType,
  jsonType,
]

function parseSeed(value: unknown): bigint | undefined {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return BigInt(value)
  if (typeof value === 'string' && /^(0|[1-9][0-9]{0,19})$/.test(value)) value = BigInt(value)
  return typeof value === 'bigint' && value >= 0n && value <= maxSeed ? value : undefined
}

function isJson(value: unknown): value is JsonValue {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true
  if (typeof value === 'number') return Number.isFinite(value)
  if (Array.isArray(value)) return value.every(isJson)
  return typeof value === 'object' && Object.values(value).every(isJson)
}

/** A cached entry that does not decode is a miss; throwing says so to the cache. */
function expectKind<T>(type: SocketType<T>, json: JsonValue): T {
  const value = type.parse!(json)
  if (value === undefined) throw new TypeError(`cache entry: expected ${type.name}, got ${typeof json}`)
  return value
}
