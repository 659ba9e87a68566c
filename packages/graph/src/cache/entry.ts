/** What the cache keeps, and the interfaces of its two tiers. */
import type { JsonValue } from '../json.js'
import type { ValueType } from '../socket-type.js'

/** One output value with its content digest; lists also carry a digest per item, so that mapping needs no hashing. */
export interface CachedOutput {
  readonly value: unknown
  readonly digest: string
  readonly items?: readonly string[]
}

/** All outputs of one run of one node (of one item, when it is mapped). */
export interface CacheEntry {
  readonly outputs: Readonly<Record<string, CachedOutput>>
  readonly sizeBytes: number
}

/** What a node looked like when it last ran or was found: enough to say what changed since. */
export interface NodeRecord {
  readonly type: string
  readonly version: number
  /** JSON of the params that no link drives. */
  readonly params: Readonly<Record<string, JsonValue>>
  /** Fed inputs: [name, digest, ids of the nodes that feed it]. */
  readonly inputs: readonly (readonly [name: string, digest: string, sources: string])[]
  readonly fingerprint: string
}

/** The last records of a workflow's nodes, by document node id. */
export type RunRecord = ReadonlyMap<string, NodeRecord>

/** Results by content key (any text; a store is asked by its SHA-256). The executor asks `get` first, without waiting; `load` is the slower tier. */
export interface ResultCache {
  get(key: string): CacheEntry | undefined
  /** Absent when there is only memory. Never rejects: what cannot be read is a miss. */
  load?(key: string, types: Readonly<Record<string, ValueType>>): Promise<CacheEntry | undefined>
  /** `costly`: the run took waiting, so the result is worth the slower tier. Never rejects. */
  set(key: string, entry: CacheEntry, about: SetOptions): void | Promise<void>
  /** The records of the previous run under a history name. */
  recall(history: string): RunRecord | Promise<RunRecord | undefined> | undefined
  remember(history: string, record: RunRecord): void | Promise<void>
  /** Runs in flight by key, so that equal work of concurrent runs is done once; undefined: it came to nothing. */
  readonly running: Map<string, Promise<CacheEntry | undefined>>
}

export interface SetOptions {
  readonly types: Readonly<Record<string, ValueType>>
  readonly costly: boolean
}

/** A slower tier, such as a folder: keys are 64 hex digits, values JSON and bytes. */
export interface CacheStore {
  get(key: string): Promise<{ meta: JsonValue; blobs: Uint8Array[] } | undefined>
  set(key: string, entry: { meta: JsonValue; blobs: Uint8Array[] }): Promise<void>
}
