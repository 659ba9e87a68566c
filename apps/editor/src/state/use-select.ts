/** React's view of stores: a component renders again only when what it selects has changed. */
import { useRef, useSyncExternalStore } from 'react'

export interface Readable<S> {
  readonly state: S
  readonly subscribe: (listener: () => void) => () => void
}

/** What `select` picks of the store's state. The choice is kept while the state or `isSame` says that nothing changed. */
export function useSelect<S, T>(
  store: Readable<S>,
  select: (state: S) => T,
  isSame: (a: T, b: T) => boolean = Object.is,
): T {
  const kept = useRef<{ readonly value: T } | undefined>(undefined)
  const read = (): T => {
    const value = select(store.state)
    if (kept.current && isSame(kept.current.value, value)) return kept.current.value
    kept.current = { value }
    return value
  }
  return useSyncExternalStore(store.subscribe, read)
}
