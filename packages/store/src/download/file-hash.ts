// The two hashes that a hub lists: SHA-256 of large files, git's own of small ones.
import { createHash, type Hash } from 'node:crypto'
import { createReadStream } from 'node:fs'

/** `git-blob` is SHA-1 over `blob <size>\0` and the content. */
export interface FileHash {
  readonly algorithm: 'sha256' | 'git-blob'
  readonly hex: string
}

/** A hash to feed with the content of a file of this size. */
export function startHash({ algorithm }: FileHash, sizeBytes: number): Hash {
  return algorithm === 'sha256' ? createHash('sha256') : createHash('sha1').update(`blob ${sizeBytes}\0`)
}

/** Feeds the first bytes of a file to a hash. */
export async function feedFile(
  hash: Hash,
  file: string,
  { lengthBytes, signal, onBytes }: { lengthBytes: number; signal?: AbortSignal; onBytes: (doneBytes: number) => void },
): Promise<void> {
  signal?.throwIfAborted()
  if (lengthBytes === 0) return
  let doneBytes = 0
  for await (const chunk of createReadStream(file, { end: lengthBytes - 1, highWaterMark: 1 << 20, signal })) {
    hash.update(chunk as Uint8Array)
    doneBytes += (chunk as Uint8Array).byteLength
    onBytes(doneBytes)
  }
}
