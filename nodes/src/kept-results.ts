// When what a run has found is kept, so that whoever hears of a finished node may count on never computing it again.
import type { ResultCache } from '@dreamgraph/graph'

export interface KeptResults {
  readonly cache: ResultCache
  /** Resolves when all results that were given to the cache until now are kept, or have failed to be. */
  readonly settled: () => Promise<void>
  /** The same, and what runs are remembered by, which they do not wait for: it explains the next one, and is no result. */
  readonly drained: () => Promise<void>
}

export function keptResults(cache: ResultCache): KeptResults {
  const writes = new Set<Promise<void>>()
  const records = new Set<Promise<void>>()
  const settled = async (): Promise<void> => {
    await Promise.all(writes)
  }
  return {
    cache: {
      get: (key) => cache.get(key),
      load: cache.load && ((key, types) => cache.load!(key, types)),
      set(key, entry, about) {
        const write = cache.set(key, entry, about)
        if (!write) return
        writes.add(write)
        return write.finally(() => writes.delete(write))
      },
      recall: (history) => cache.recall(history),
      remember(history, record) {
        const write = cache.remember(history, record)
        if (!write) return
        records.add(write)
        void write.finally(() => records.delete(write))
      },
      running: cache.running,
    },
    settled,
    async drained() {
      await Promise.all([settled(), ...records])
    },
  }
}
