// A value in a few words for people: itself where it is short, its size where it is a picture or a tensor.

import type { Latent, Model } from '@dreamgraph/dreamo'
import type { JsonValue } from '@dreamgraph/graph'
import type { Conditions } from './sockets.js'

/** Numbers and texts as they are, seeds as decimal text; what nodes pass on as its size in words. */
export function describeValue(value: unknown): JsonValue {
  if (typeof value === 'bigint') return `${value}`
  if (typeof value !== 'object' || value === null) return value as JsonValue
  if (Array.isArray(value)) return value.map(describeValue)
  const known = value as Partial<Latent & Conditions & Conditions['text'] & Conditions['references'][number]> & {
    readonly digest?: string
    readonly model?: Pick<Model, 'quantization'>
  }
  const { width, height, channels, data } = known
  const { rows, columns, maps } = value as { rows?: number; columns?: number; maps?: readonly unknown[] }
  if (maps) return maps.length === 0 ? 'no maps' : `${maps.length} maps of ${columns}×${rows} tokens`
  if (data instanceof Float32Array) return `${width}×${height} latents, ${(width! * height!) / 4} tokens`
  if (width !== undefined && height !== undefined)
    return `${width}×${height}, ${kinds[channels!] ?? `${channels} channels`}`
  if (known.states) return `${known.states.shape[1]} text tokens`
  if (known.grid) return `reference ${known.slot}, ${known.grid.rows * known.grid.columns} tokens`
  if (known.text && known.references) {
    const parts = [known.text, ...(known.negative ? [known.negative] : []), ...known.references].map(describeValue)
    return parts.join(' + ')
  }
  if (known.digest !== undefined) {
    return [known.digest.slice(0, 12), known.model?.quantization?.scheme ?? []].flat().join(', ')
  }
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, describeField(field)]))
}

const kinds: Readonly<Record<number, string>> = { 1: 'grey', 3: 'RGB', 4: 'RGBA' }

/** One level deep is enough to recognise a value by. */
function describeField(field: unknown): JsonValue {
  if (typeof field === 'number' || typeof field === 'string' || typeof field === 'boolean') return field
  return Array.isArray(field) ? `${field.length} items` : typeof field
}
