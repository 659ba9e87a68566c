// A map that forgets what was not asked for longest.

export interface Recent<V> {
  readonly get: (key: string) => V | undefined
  readonly set: (key: string, value: V) => V
}

/** Holds at most `limit` entries. */
export function recent<V>(limit: number): Recent<V> {
  // A Map keeps the order in which keys were set: the first is the oldest.
  const entries = new Map<string, V>()
  const set = (key: string, value: V): V => {
    entries.delete(key)
    entries.set(key, value)
    if (entries.size > limit) entries.delete(entries.keys().next().value!)
    return value
  }
  return {
    get(key) {
      const value = entries.get(key)
      return value === undefined ? undefined : set(key, value)
    },
    set,
  }
}
