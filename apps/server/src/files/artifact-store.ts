// Bytes by their SHA-256: outputs of jobs, uploads, results for other workers. They never change.
import { createHash } from 'node:crypto'
import type { Readable } from 'node:stream'

/** For whoever passes them on without holding them. */
export interface StoredStream {
  readonly stream: Readable
  readonly sizeBytes: number
}

export interface ArtifactStore {
  /** Keeps bytes under a key. Keys are digests, with a folder's name before them for what is not named by its own content. */
  readonly put: (key: string, bytes: Uint8Array) => Promise<void>
  /** The same for files of any size; nothing is kept when `chunks` throws. */
  readonly putStream: (key: string, chunks: AsyncIterable<Uint8Array>) => Promise<void>
  readonly get: (key: string) => Promise<Uint8Array | undefined>
  readonly open: (key: string) => Promise<StoredStream | undefined>
  readonly has: (key: string) => Promise<boolean>
  readonly remove: (key: string) => Promise<void>
}

export const sha256 = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex')
