// Bytes by their SHA-256: outputs of jobs, uploads, results for other workers. They never change.
import { createHash } from 'node:crypto'

export interface ArtifactStore {
  /** Keeps bytes under a key. Keys are digests, with a folder's name before them for what is not named by its own content. */
  readonly put: (key: string, bytes: Uint8Array) => Promise<void>
  readonly get: (key: string) => Promise<Uint8Array | undefined>
  readonly has: (key: string) => Promise<boolean>
  readonly remove: (key: string) => Promise<void>
}

export const sha256 = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex')
