/** Cache entries as JSON and bytes, and back. What does not fit its types decodes to undefined: a miss. */
import { isJsonObject, type JsonObject, type JsonValue } from '../json.js'
import type { ValueType } from '../socket-type.js'
import type { CachedOutput, CacheEntry } from './entry.js'

const formatVersion = 1

export interface StoredEntry {
  readonly meta: JsonValue
  readonly blobs: Uint8Array[]
}

type Types = Readonly<Record<string, ValueType>>

/** Undefined when some output type lives in memory only. */
export function encodeEntry(entry: CacheEntry, types: Types): StoredEntry | undefined {
  const blobs: Uint8Array[] = []
  const outputs: [string, JsonValue][] = []
  for (const [name, { type, list }] of Object.entries(types)) {
    const { value, digest, items } = entry.outputs[name]!
    if (!type.encode) return undefined
    const values = list ? (value as unknown[]) : [value]
    const parts = values.map((item): JsonValue => {
      const encoded = type.encode!(item)
      blobs.push(...encoded.blobs)
      return [encoded.json, encoded.blobs.length]
    })
    outputs.push([name, { type: type.name, digest, parts, items: items ? [...items] : null }])
  }
  const meta = { format: formatVersion, sizeBytes: entry.sizeBytes, outputs: Object.fromEntries(outputs) }
  return { meta, blobs }
}

export async function decodeEntry({ meta, blobs }: StoredEntry, types: Types): Promise<CacheEntry | undefined> {
  try {
    if (!isJsonObject(meta) || meta.format !== formatVersion || !isJsonObject(meta.outputs)) return undefined
    const reader = { blobs, used: 0 }
    const outputs: Record<string, CachedOutput> = {}
    for (const [name, type] of Object.entries(types)) {
      const stored = meta.outputs[name]
      if (!isJsonObject(stored) || stored.type !== type.type.name) return undefined
      outputs[name] = await decodeOutput(stored, type, reader)
    }
    if (reader.used !== blobs.length || typeof meta.sizeBytes !== 'number') return undefined
    return { outputs, sizeBytes: meta.sizeBytes }
  } catch {
    return undefined // decoders throw on what they cannot read; the node then simply runs
  }
}

async function decodeOutput(
  { digest, parts, items }: JsonObject,
  { type, list }: ValueType,
  reader: { readonly blobs: readonly Uint8Array[]; used: number },
): Promise<CachedOutput> {
  const values: unknown[] = []
  for (const part of parts as [JsonValue, number][]) {
    const [json, count] = part
    const blobs = reader.blobs.slice(reader.used, reader.used + count)
    if (blobs.length !== count) throw new RangeError('cache entry: expected more blobs')
    reader.used += count
    values.push(await type.decode!({ json, blobs }))
  }
  const digestsFit = list ? Array.isArray(items) && items.length === values.length : values.length === 1
  if (typeof digest !== 'string' || !digestsFit) throw new TypeError('cache entry: expected a digest per value')
  return list ? { value: values, digest, items: items as string[] } : { value: values[0], digest }
}
