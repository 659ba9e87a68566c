/**
 * Unsaved work outlives the page: each tab's text is kept in this browser. Every browser window has tabs of its own, so
 * that two windows never write over each other; what a closed window left is taken up by the next one.
 */
import type { Observable } from '../state/observable.js'
import { Tab } from './tab.js'

interface Draft {
  readonly id: string
  readonly text: string
  readonly title: string
  readonly name?: string
  readonly revision: number
  /** Window that has it open, and when it last said so. */
  readonly window: string
  readonly aliveAtMs: number
}

const prefix = 'dreamgraph/draft/'
const pulseMs = 5000
const windowId = sessionStorage.getItem('dreamgraph/window') ?? crypto.randomUUID()

/** Tabs of this window before it was reloaded, and those of windows that are gone. */
export function readDrafts(): Tab[] {
  sessionStorage.setItem('dreamgraph/window', windowId)
  const tabs: Tab[] = []
  for (const draft of storedDrafts()) {
    const isOrphan = Date.now() - draft.aliveAtMs > 3 * pulseMs
    if (draft.window !== windowId && !isOrphan) continue
    try {
      tabs.push(Tab.fromText(draft.text, draft))
    } catch {
      // A draft that no version can read any more is left where it is.
    }
  }
  return tabs
}

export function keepDrafts(page: Observable<{ readonly tabs: readonly Tab[] }>): void {
  const followed = new WeakSet<Tab>()
  const waiting = new Map<Tab, ReturnType<typeof setTimeout>>()
  const keep = (tab: Tab): void => {
    waiting.delete(tab)
    if (!page.state.tabs.includes(tab)) return
    const { title, name, revision } = tab.place.state
    const draft: Draft = {
      id: tab.id,
      text: tab.store.text,
      title,
      name,
      revision,
      window: windowId,
      aliveAtMs: Date.now(),
    }
    try {
      localStorage.setItem(prefix + tab.id, JSON.stringify(draft))
    } catch {
      // The storage is full; the document itself is safe in memory.
    }
  }
  const follow = (): void => {
    for (const tab of page.state.tabs) {
      if (followed.has(tab)) continue
      followed.add(tab)
      tab.store.subscribe(() => {
        clearTimeout(waiting.get(tab))
        waiting.set(
          tab,
          setTimeout(() => keep(tab), 600),
        )
      })
    }
  }
  follow()
  page.subscribe(follow)
  const keepAll = (): void => {
    for (const tab of page.state.tabs) if (isWorthKeeping(tab)) keep(tab)
  }
  window.addEventListener('pagehide', keepAll)
  setInterval(keepAll, pulseMs)
}

export function forgetDraft(id: string): void {
  localStorage.removeItem(prefix + id)
}

const isWorthKeeping = ({ store }: Tab): boolean =>
  store.history.length > 0 || Object.keys(store.document.nodes).length > 0

function storedDrafts(): Draft[] {
  const keys = Array.from({ length: localStorage.length }, (_, index) => localStorage.key(index)!)
  return keys
    .filter((key) => key.startsWith(prefix))
    .sort()
    .flatMap((key) => {
      try {
        return [JSON.parse(localStorage.getItem(key)!) as Draft]
      } catch {
        return []
      }
    })
}
