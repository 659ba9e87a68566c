// Where each reference of a picture responded, as it flows from the sampler to whoever makes something of it.
import { leakages, mapBytes, type RoutingMap, type TokenGrid } from '@dreamgraph/dreamo'
import type { JsonValue } from '@dreamgraph/graph'

export interface ReferenceRouting {
  /** Slot of the reference. */
  readonly reference: number
  /** One byte a token, [rows · columns]: 0 where it responds least, 255 where most. */
  readonly map: Uint8Array
  /** Share of its response that lies where another reference responds as well, 0..1. */
  readonly leakage: number
}

export interface Routing {
  /** Of the picture in tokens, 16 × 16 pixels each. */
  readonly rows: number
  readonly columns: number
  /** By slot; none unless the sampler was told to keep them. */
  readonly maps: readonly ReferenceRouting[]
}

/** Maps for people: stretched to bytes, with what they have in common. */
export function routingOf({ rows, columns }: TokenGrid, maps: readonly RoutingMap[]): Routing {
  const shared = leakages(maps)
  const readable = maps.map(({ reference, map }, i) => ({ reference, map: mapBytes(map), leakage: shared[i]! }))
  return { rows, columns, maps: readable }
}

interface Encoded {
  readonly json: JsonValue
  readonly blobs: readonly Uint8Array[]
}

export const encodeRouting = ({ rows, columns, maps }: Routing): Encoded => ({
  json: { rows, columns, maps: maps.map(({ reference, leakage }) => ({ reference, leakage })) },
  blobs: maps.map(({ map }) => map),
})

export function decodeRouting({ json, blobs }: Encoded): Routing {
  const { maps, ...size } = json as unknown as Omit<Routing, 'maps'> & { maps: Omit<ReferenceRouting, 'map'>[] }
  // A blob is a view of a file's Buffer, whose slice() would be one too: none may leak out.
  const plain = ({ buffer, byteOffset, byteLength }: Uint8Array): Uint8Array =>
    new Uint8Array(buffer, byteOffset, byteLength)
  return { ...size, maps: maps.map((entry, i) => ({ ...entry, map: plain(blobs[i]!) })) }
}
