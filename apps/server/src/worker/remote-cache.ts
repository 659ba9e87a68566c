// The server's store of results as a further tier of the cache: what one worker has computed, no other computes again.
import { type CacheStore, digestText, type JsonValue } from '@dreamgraph/graph'
import type { ServerFiles } from './server-files.js'

/*
 * Meta length (u32 little-endian) · meta JSON { meta, blobSizes } · blobs one after the other
 */
export function remoteCache(files: Pick<ServerFiles, 'cachedResult' | 'storeResult'>): CacheStore {
  return {
    async get(key) {
      const bytes = await files.cachedResult(digestText(key))
      return bytes && unpack(bytes)
    },
    set: (key, entry) => files.storeResult(digestText(key), pack(entry)),
  }
}

interface Entry {
  readonly meta: JsonValue
  readonly blobs: Uint8Array[]
}

function pack({ meta, blobs }: Entry): Uint8Array {
  const head = new TextEncoder().encode(JSON.stringify({ meta, blobSizes: blobs.map((blob) => blob.byteLength) }))
  const prefix = new Uint8Array(4)
  new DataView(prefix.buffer).setUint32(0, head.byteLength, true)
  return new Uint8Array(Buffer.concat([prefix, head, ...blobs]))
}

/** Anything odd is a miss. */
function unpack(bytes: Uint8Array): Entry | undefined {
  try {
    const head = 4 + new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true)
    const { meta, blobSizes } = JSON.parse(new TextDecoder().decode(bytes.subarray(4, head))) as {
      meta: JsonValue
      blobSizes: number[]
    }
    let position = head
    const blobs = blobSizes.map((size) => {
      position += size
      return bytes.slice(position - size, position)
    })
    return position === bytes.byteLength ? { meta, blobs } : undefined
  } catch {
    return undefined
  }
}
