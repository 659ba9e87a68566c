// SHA-256 of model files, computed once and remembered on disk for as long as the file does not change.
import { createHash } from 'node:crypto'
import { type BigIntStats, createReadStream } from 'node:fs'
import { readFile, realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { StoreError } from './errors.js'
import { writeFileAtomic } from './write-atomic.js'

export interface FileDigestOptions {
  readonly signal?: AbortSignal
  /** called after every chunk that is hashed; not called when the digest is remembered */
  readonly onProgress?: (progress: { doneBytes: number; totalBytes: number }) => void
}

export interface FileDigests {
  /** Hex SHA-256 of a file's content. Throws StoreError, or the signal's reason when aborted. */
  digest(path: string, options?: FileDigestOptions): Promise<string>
  /** The same without hashing: undefined for a file that was not hashed before, or not as it is now. Throws StoreError. */
  known(path: string): Promise<string | undefined>
}

/** What identifies an unchanged file, as decimal strings because nanoseconds exceed 2^53. */
interface FileState {
  readonly path: string
  readonly size: string
  readonly mtimeNs: string
  readonly ino: string
}

/**
 * A write may follow a hash within one tick of the file system's clock (2 s on FAT) and leave the mtime as it was.
 * So a digest is remembered only of files at rest for this long.
 */
const restNs = 2_000_000_000n

/** Opens the memory of digests in folder `dir`, shared by all processes that name the same folder. */
export function fileDigests({ dir }: { dir: string }): FileDigests {
  // What was read from records: a look at the file alone then tells that nothing has changed.
  const recalled = new Map<string, { state: FileState; digest: string }>()
  const recordOf = ({ path }: FileState): string => join(dir, `${sha256(path)}.json`)
  const recollect = async (state: FileState): Promise<string | undefined> => {
    const last = recalled.get(state.path)
    if (last && isSame(last.state, state)) return last.digest
    const digest = await recall(recordOf(state), state)
    if (digest) recalled.set(state.path, { state, digest })
    return digest
  }
  return {
    known: async (path) => recollect((await stateOf(path)).state),
    async digest(path, options = {}) {
      for (let attempt = 0; attempt < 3; attempt++) {
        const before = await stateOf(path)
        const record = recordOf(before.state)
        const remembered = await recollect(before.state)
        if (remembered) return remembered
        const digest = await hashFile(before.state.path, before.stats.size, options)
        const after = await stateOf(path)
        if (!isSame(before.state, after.state)) continue
        const nowNs = BigInt(Date.now()) * 1_000_000n
        if (nowNs - after.stats.mtimeNs > restNs)
          await writeFileAtomic(record, JSON.stringify({ ...after.state, sha256: digest }), {
            survives: 'process-crash',
          })
        return digest
      }
      throw new StoreError('store/file-changing', `${path}: expected a file at rest, got one that changes while read`)
    },
  }
}

async function stateOf(path: string): Promise<{ state: FileState; stats: BigIntStats }> {
  try {
    const real = await realpath(path)
    const stats = await stat(real, { bigint: true })
    if (!stats.isFile()) throw Object.assign(new Error('not a file'), { code: 'EISDIR' })
    const { size, mtimeNs, ino } = stats
    return { state: { path: real, size: `${size}`, mtimeNs: `${mtimeNs}`, ino: `${ino}` }, stats }
  } catch (cause) {
    throw unreadable(path, cause)
  }
}

async function recall(record: string, state: FileState): Promise<string | undefined> {
  try {
    const known = JSON.parse(await readFile(record, 'utf8')) as FileState & { sha256?: unknown }
    if (!isSame(known, state) || typeof known.sha256 !== 'string' || !/^[0-9a-f]{64}$/.test(known.sha256))
      return undefined
    return known.sha256
  } catch {
    return undefined // never seen, or torn: hashing again costs time but no truth
  }
}

async function hashFile(file: string, sizeBytes: bigint, options: FileDigestOptions): Promise<string> {
  const { signal, onProgress } = options
  signal?.throwIfAborted()
  const hash = createHash('sha256')
  const totalBytes = Number(sizeBytes)
  let doneBytes = 0
  try {
    for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20, signal })) {
      hash.update(chunk as Uint8Array)
      doneBytes += (chunk as Uint8Array).byteLength
      onProgress?.({ doneBytes, totalBytes })
    }
  } catch (cause) {
    signal?.throwIfAborted()
    throw unreadable(file, cause)
  }
  return hash.digest('hex')
}

function isSame(a: FileState, b: FileState): boolean {
  return a.path === b.path && a.size === b.size && a.mtimeNs === b.mtimeNs && a.ino === b.ino
}

function unreadable(path: string, cause: unknown): StoreError {
  const reason = (cause as NodeJS.ErrnoException).code ?? String(cause)
  return new StoreError('store/file-unreadable', `${path}: expected a readable file, got ${reason}`, { cause })
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
