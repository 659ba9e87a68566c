// The bytes of one cache entry on disk: self-describing and checksummed, so that any damage reads as "no entry".
import { createHash } from 'node:crypto'

/** Plain JSON data. */
export type JsonValue = null | boolean | number | string | JsonValue[] | { [key: string]: JsonValue }

export interface CacheEntry {
  readonly meta: JsonValue
  readonly blobs: readonly Uint8Array[]
}

/*
 * magic (8) · header length (u32 little-endian) · header JSON { key, meta, blobSizes } · each blob on the next multiple
 * of 64, so that it can be viewed as numbers of any kind · SHA-256 of all that precedes (32)
 */
const magic = new TextEncoder().encode('DGCACHE1')
const checksumBytes = 32
const alignment = 64

/** The chunks of an entry's file, in order. */
export function* encodeEntry(key: string, entry: CacheEntry): Generator<Uint8Array> {
  const header = new TextEncoder().encode(
    JSON.stringify({ key, meta: entry.meta, blobSizes: entry.blobs.map((blob) => blob.byteLength) }),
  )
  const hash = createHash('sha256')
  const prefix = new Uint8Array(12)
  prefix.set(magic)
  new DataView(prefix.buffer).setUint32(8, header.byteLength, true)
  let position = 0
  for (const chunk of [prefix, header, ...entry.blobs.flatMap((blob) => [undefined, blob])]) {
    const bytes = chunk ?? new Uint8Array(padding(position))
    hash.update(bytes)
    position += bytes.byteLength
    yield bytes
  }
  yield hash.digest()
}

/** Size of the file that `encodeEntry` makes, but for the header's few bytes. */
export function entrySizeBytes(entry: CacheEntry): number {
  return entry.blobs.reduce((sum, blob) => sum + blob.byteLength + alignment, 0) + JSON.stringify(entry.meta).length
}

/** The entry in `bytes`, or undefined when they are not a whole, undamaged entry of `key`. Blobs are views of `bytes`. */
export function decodeEntry(key: string, bytes: Uint8Array): { meta: JsonValue; blobs: Uint8Array[] } | undefined {
  const bodyEnd = bytes.byteLength - checksumBytes
  if (bodyEnd < 12 || !equal(bytes.subarray(0, 8), magic)) return undefined
  if (!equal(createHash('sha256').update(bytes.subarray(0, bodyEnd)).digest(), bytes.subarray(bodyEnd)))
    return undefined
  const headerEnd = 12 + new DataView(bytes.buffer, bytes.byteOffset).getUint32(8, true)
  if (headerEnd > bodyEnd) return undefined
  // The checksum vouches for what this code wrote, so the header needs no further distrust.
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(12, headerEnd))) as {
    key: string
    meta: JsonValue
    blobSizes: number[]
  }
  if (header.key !== key) return undefined
  const blobs: Uint8Array[] = []
  let position = headerEnd
  for (const size of header.blobSizes) {
    position += padding(position)
    blobs.push(bytes.subarray(position, position + size))
    position += size
  }
  return { meta: header.meta, blobs }
}

function padding(position: number): number {
  return (alignment - (position % alignment)) % alignment
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.byteLength === b.byteLength && Buffer.compare(a, b) === 0
}
