// A content-addressed cache in a folder, shared by any number of processes. Losing it costs time, never truth.
import { open, readdir, rm, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { type CacheEntry, decodeEntry, encodeEntry, entrySizeBytes, type JsonValue } from './cache-entry.js'
import { StoreError } from './errors.js'
import { removeStaleTemps } from './temp-name.js'
import { writeAtomic } from './write-atomic.js'

export interface DiskCacheOptions {
  readonly dir: string
  /** least recently used entries go when the files together exceed this */
  readonly maxBytes: number
  readonly maxEntries: number
  /** told once per entry that could not be written, e.g. because the disk is full; the run goes on without it */
  readonly onWarning?: (message: string) => void
}

export interface DiskCacheStats {
  readonly entries: number
  readonly sizeBytes: number
  /** since this process opened the cache: */
  readonly hits: number
  readonly misses: number
  /** damaged or foreign files found and removed */
  readonly damaged: number
  readonly evicted: number
}

export interface DiskCache {
  /** The entry of a key (hexadecimal digits), or undefined. Blobs start on multiples of 64 bytes of one buffer. */
  get(key: string): Promise<{ meta: JsonValue; blobs: Uint8Array[] } | undefined>
  set(key: string, entry: CacheEntry): Promise<void>
  stats(): Promise<DiskCacheStats>
  clear(): Promise<void>
  /** Removes least recently used entries until the limits hold. Called by itself while writing. */
  evict(): Promise<void>
}

interface EntryFile {
  readonly file: string
  readonly sizeBytes: number
  readonly usedAtMs: number
}

const suffix = '.entry'

/**
 * Opens a cache. One file per entry, written beside and renamed, so readers see whole entries; the access time is the
 * file's mtime. Several processes may read, write and evict at once: together they may overshoot the limits by 1/16 each.
 */
export function openDiskCache(options: DiskCacheOptions): DiskCache {
  const { dir, maxBytes, maxEntries, onWarning } = options
  const counts = { hits: 0, misses: 0, damaged: 0, evicted: 0 }
  // Written since the folder was last looked through. Starts at the limit: the first write looks.
  let unseenBytes = Number.POSITIVE_INFINITY
  let unseenEntries = 0

  const evict = async (): Promise<void> => {
    unseenBytes = 0
    unseenEntries = 0
    const entries = (await listEntries(dir)).sort((a, b) => a.usedAtMs - b.usedAtMs)
    let sizeBytes = entries.reduce((sum, entry) => sum + entry.sizeBytes, 0)
    let remaining = entries.length
    if (sizeBytes <= maxBytes && remaining <= maxEntries) return
    // Going somewhat below the limit makes the next look-through far away.
    for (const entry of entries) {
      if (sizeBytes <= maxBytes * 0.9 && remaining <= maxEntries * 0.9) break
      await rm(entry.file, { force: true }).catch(() => {})
      sizeBytes -= entry.sizeBytes
      remaining--
      counts.evicted++
    }
  }

  return {
    evict,

    async get(key) {
      const file = entryPath(dir, key)
      const bytes = await readWhole(file)
      const entry = bytes && decodeEntry(key, bytes)
      if (!entry) {
        counts.misses++
        if (bytes) {
          counts.damaged++
          await rm(file, { force: true }).catch(() => {})
        }
        return undefined
      }
      counts.hits++
      const now = new Date()
      await utimes(file, now, now).catch(() => {}) // evicted meanwhile, or a read-only cache
      return entry
    },

    async set(key, entry) {
      const file = entryPath(dir, key)
      const sizeBytes = entrySizeBytes(entry)
      if (sizeBytes > maxBytes) return
      try {
        await writeAtomic(
          file,
          async (sink) => {
            for (const chunk of encodeEntry(key, entry)) await sink.write(chunk)
          },
          { survives: 'process-crash' }, // the checksum finds what a power cut tears
        )
      } catch (error) {
        if (!(error instanceof StoreError)) throw error
        onWarning?.(`cache entry not kept: ${error.message}`)
        return
      }
      unseenBytes += sizeBytes
      unseenEntries++
      if (unseenBytes > maxBytes / 16 || unseenEntries > maxEntries / 16) await evict()
    },

    async stats() {
      const entries = await listEntries(dir)
      const sizeBytes = entries.reduce((sum, entry) => sum + entry.sizeBytes, 0)
      return { entries: entries.length, sizeBytes, ...counts }
    },

    async clear() {
      for (const { file } of await listEntries(dir)) await rm(file, { force: true }).catch(() => {})
    },
  }
}

/** Two digits of folder keep folders small: `ab/abcdef….entry`. */
function entryPath(dir: string, key: string): string {
  if (!/^[0-9a-f]{16,128}$/.test(key))
    throw new StoreError(
      'store/key-invalid',
      `${dir}: expected a key of 16 to 128 lower-case hexadecimal digits, got ${JSON.stringify(key.slice(0, 140))}`,
    )
  return join(dir, key.slice(0, 2), key + suffix)
}

/** All entries; on the way, clears what dead writers left. */
async function listEntries(dir: string): Promise<EntryFile[]> {
  const entries: EntryFile[] = []
  const folders = (await readdir(dir).catch(() => [])).filter((name) => /^[0-9a-f]{2}$/.test(name))
  for (const folder of folders) {
    await removeStaleTemps(join(dir, folder))
    for (const name of await readdir(join(dir, folder)).catch(() => [])) {
      if (!name.endsWith(suffix)) continue
      const file = join(dir, folder, name)
      const entry = await stat(file).catch(() => undefined)
      if (entry?.isFile()) entries.push({ file, sizeBytes: entry.size, usedAtMs: entry.mtimeMs })
    }
  }
  return entries
}

/** The file's bytes in a buffer of their own, or undefined when there is no readable file. */
async function readWhole(file: string): Promise<Uint8Array | undefined> {
  const handle = await open(file, 'r').catch(() => undefined)
  if (!handle) return undefined
  try {
    const bytes = new Uint8Array((await handle.stat()).size)
    for (let done = 0; done < bytes.byteLength; ) {
      const length = Math.min(bytes.byteLength - done, 1 << 30)
      const { bytesRead } = await handle.read(bytes, done, length, done)
      if (bytesRead === 0) return bytes.subarray(0, done)
      done += bytesRead
    }
    return bytes
  } catch {
    return undefined
  } finally {
    await handle.close()
  }
}
