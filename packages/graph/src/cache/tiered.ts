/** Two tiers: memory before a store. Values whose types have no encoding stay in memory only. */
import { digestText } from '../digest.js'
import { isJsonObject, type JsonValue } from '../json.js'
import type { CacheStore, NodeRecord, ResultCache, RunRecord } from './entry.js'
import { decodeEntry, encodeEntry } from './stored-entry.js'

export interface TieredCacheOptions {
  /** Told when the store fails; the run goes on without it. */
  readonly onStoreError?: (error: unknown) => void
}

/** Puts `memory` before `store`. A store that fails or returns rubbish costs a miss, never a run. */
export function tieredCache(memory: ResultCache, store: CacheStore, options: TieredCacheOptions = {}): ResultCache {
  const attempt = async <T>(action: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await action()
    } catch (error) {
      options.onStoreError?.(error)
      return undefined
    }
  }
  /** The newest write of each history that is under way: those of one history go in turn, or an older one could land last. */
  const remembering = new Map<string, Promise<void>>()
  return {
    get: (key) => memory.get(key),
    async load(key, types) {
      const stored = await attempt(() => store.get(digestText(key)))
      const entry = stored && (await decodeEntry(stored, types))
      if (entry) void memory.set(key, entry, { types, costly: true })
      return entry
    },
    set(key, entry, about) {
      void memory.set(key, entry, about)
      if (!about.costly) return undefined
      return attempt(async () => {
        const stored = encodeEntry(entry, about.types)
        if (stored) await store.set(digestText(key), stored)
      })
    },
    recall(history) {
      return (
        memory.recall(history) ??
        attempt(() => store.get(historyKey(history))).then((stored) => readRecord(stored?.meta))
      )
    },
    remember(history, record) {
      void memory.remember(history, record)
      const write = async (): Promise<void> => {
        const meta = { nodes: [...record] } as unknown as JsonValue // Maps are no JSON; records are
        await attempt(() => store.set(historyKey(history), { meta, blobs: [] }))
        if (remembering.get(history) === turn) remembering.delete(history)
      }
      const before = remembering.get(history)
      const turn: Promise<void> = before ? before.then(write) : Promise.resolve().then(write)
      remembering.set(history, turn)
      return turn
    },
    running: memory.running,
  }
}

function historyKey(history: string): string {
  return digestText(`history\n${history}`)
}

/** Records only serve explanations: anything odd is dropped. */
function readRecord(meta: JsonValue | undefined): RunRecord | undefined {
  if (!isJsonObject(meta) || !Array.isArray(meta.nodes)) return undefined
  const nodes = meta.nodes.filter((pair): pair is [string, JsonValue] => Array.isArray(pair) && isRecord(pair[1]))
  return new Map(nodes as unknown as [string, NodeRecord][])
}

function isRecord(value: JsonValue | undefined): boolean {
  if (!isJsonObject(value) || !isJsonObject(value.params) || !Array.isArray(value.inputs)) return false
  const inputsFit = value.inputs.every(
    (input) => Array.isArray(input) && input.every((part) => typeof part === 'string'),
  )
  return (
    inputsFit &&
    typeof value.type === 'string' &&
    typeof value.version === 'number' &&
    typeof value.fingerprint === 'string'
  )
}
