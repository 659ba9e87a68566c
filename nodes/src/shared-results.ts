// Results that machines share, as a tier behind memory and disk.
import { type CacheStore, type ResultCache, tieredCache } from '@dreamgraph/graph'

/**
 * `near`, and behind it a store: asked for what `near` has not, and given every result that took waiting. What it has is
 * kept near from then on. A store that fails is a miss, told to `onError`. What earlier runs looked like stays near: it
 * has the prompts of whoever ran them.
 */
export function withSharedResults(
  near: ResultCache,
  store: CacheStore,
  onError: (error: unknown) => void,
): ResultCache {
  const far = tieredCache(nothing(near.running), store, { onStoreError: onError })
  return {
    get: (key) => near.get(key),
    async load(key, types) {
      const known = await near.load?.(key, types)
      if (known) return known
      const entry = await far.load!(key, types)
      if (entry) await near.set(key, entry, { types, costly: true })
      return entry
    },
    set(key, entry, about) {
      const kept = near.set(key, entry, about)
      return about.costly ? Promise.all([kept, far.set(key, entry, about)]).then(() => {}) : kept
    },
    recall: (history) => near.recall(history),
    remember: (history, record) => near.remember(history, record),
    running: near.running,
  }
}

const nothing = (running: ResultCache['running']): ResultCache => ({
  get: () => undefined,
  set() {},
  recall: () => undefined,
  remember() {},
  running,
})
