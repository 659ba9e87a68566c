/** The memory tier: least recently used entries leave first. */
import { LRUCache } from 'lru-cache'
import type { CacheEntry, ResultCache, RunRecord } from './entry.js'

export interface MemoryCacheOptions {
  /** Default 1 GiB. An entry larger than this is not kept. */
  readonly maxBytes?: number
  /** Default: only the bytes count. */
  readonly maxEntries?: number
}

const maxHistories = 100
/** Key, list pointers and records of one entry, roughly: so that a million tiny entries count too. */
const entryBytes = 512

/** A cache in memory. Values are shared, not copied: what leaves a node is immutable by contract. */
export function memoryCache(options: MemoryCacheOptions = {}): ResultCache & { clear(): void } {
  const { maxBytes = 2 ** 30, maxEntries } = options
  const entries = new LRUCache<string, CacheEntry>({
    ...(maxEntries !== undefined && { max: maxEntries }), // given, it is allocated at once
    maxSize: maxBytes,
    sizeCalculation: (entry) => entryBytes + entry.sizeBytes,
  })
  const histories = new LRUCache<string, RunRecord>({ max: maxHistories })
  return {
    get: (key) => entries.get(key),
    set: (key, entry) => {
      entries.set(key, entry)
    },
    recall: (history) => histories.get(history),
    remember: (history, record) => {
      histories.set(history, record)
    },
    running: new Map(),
    clear: () => entries.clear(),
  }
}
