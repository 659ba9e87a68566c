// What is costly to make and asked for again, kept as long as there is room for it.

/**
 * Makes a value for a key once, as long as all that is kept takes at most `limitBytes`; what no longer fits is made anew
 * each time. Equal keys must make equal values: what is kept changes no result.
 */
export function keptWithin<T>(
  limitBytes: number,
  make: (key: string) => Promise<T>,
  sizeBytes: (value: T) => number,
): (key: string) => Promise<T> {
  const kept = new Map<string, T>()
  let held = 0
  return async (key) => {
    const known = kept.get(key)
    if (known !== undefined) return known
    const value = await make(key)
    const size = sizeBytes(value)
    if (!kept.has(key) && held + size <= limitBytes) {
      kept.set(key, value)
      held += size
    }
    return value
  }
}
