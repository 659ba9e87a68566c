// Values between frames and the functions of a pack: images as {width, height, channels, data}, seeds as bigint, and so on.
import type { JsonValue } from '@dreamgraph/graph'
import * as encodings from './encodings.mjs'
import type { SocketValues } from './messages.mjs'

type EncodedValue = encodings.EncodedValue

interface Encoding {
  encode(value: unknown): EncodedValue
  decode(encoded: EncodedValue): unknown
}

const asJson: Encoding = {
  encode: (value) => ({ json: value as JsonValue, blobs: [] }),
  decode: ({ json }) => json,
}
const image = { encode: encodings.encodeImage, decode: encodings.decodeImage }

/** Types that are not plain JSON. */
const encodingOf: Readonly<Record<string, Encoding | undefined>> = {
  image,
  mask: image,
  latent: { encode: encodings.encodeLatent, decode: encodings.decodeLatent },
  'text-embedding': { encode: encodings.encodeText, decode: encodings.decodeText },
  reference: { encode: encodings.encodeReference, decode: encodings.decodeReference },
  conditions: { encode: encodings.encodeConditions, decode: encodings.decodeConditions },
  seed: { encode: (value) => ({ json: `${value}`, blobs: [] }), decode: ({ json }) => BigInt(json as string) },
} as Record<string, Encoding>

export const encodeValue = (type: string, value: unknown): EncodedValue => (encodingOf[type] ?? asJson).encode(value)
export const decodeValue = (type: string, encoded: EncodedValue): unknown =>
  (encodingOf[type] ?? asJson).decode(encoded)

/** Encoded values by socket, as they go into a frame. */
export function joinValues(sockets: readonly (readonly [name: string, values: readonly EncodedValue[]])[]): {
  readonly values: SocketValues[]
  readonly blobs: Uint8Array[]
} {
  return {
    values: sockets.map(([name, values]) => [name, values.map(({ json, blobs }) => [json, blobs.length])]),
    blobs: sockets.flatMap(([, values]) => values.flatMap(({ blobs }) => blobs)),
  }
}

/** The opposite. Throws where the blobs are not as many as the values say. */
export function splitValues(
  sockets: readonly SocketValues[],
  blobs: readonly Uint8Array[],
): Map<string, EncodedValue[]> {
  let used = 0
  const split = new Map(
    sockets.map(([name, values]) => {
      const encoded = values.map(([json, count]) => {
        used += count
        return { json, blobs: blobs.slice(used - count, used) }
      })
      return [name, encoded]
    }),
  )
  if (used !== blobs.length) throw new RangeError(`expected ${used} blobs, got ${blobs.length}`)
  return split
}
