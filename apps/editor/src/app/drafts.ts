/**
 * Unsaved work outlives the page: each tab's text and history are kept in this browser. Every browser window has tabs of its own, so
 * that two windows never write over each other; what a closed window left is taken up by the next one.
 */
import type { KeptDocument } from '../document/document-store.js'
import type { Observable } from '../state/observable.js'
import { randomId } from '../state/random-id.js'
import { Tab, type TabPlace } from './tab.js'

interface Draft extends TabPlace, KeptDocument {
  readonly id: string
  /** Its newest run. */
  readonly job?: string
  /** Window that has it open, and when it last said so. */
  readonly window: string
  readonly aliveAtMs: number
}

const prefix = 'dreamgraph/draft/'
const pulseMs = 5000
/** Browsers let a page in the background do something but once a minute; one that has been silent for longer is gone. */
const silenceMs = 150_000
const noHistory = { past: [], future: [], savedAt: null }
const windowKey = 'dreamgraph/window'
/** How often, and how long apart, a page that is reloaded asks whether its last self has let go of the window. */
const unload = { tries: 5, everyMs: 80 }

let windowId = ''
/** The window that this one was duplicated from. */
let original: string | undefined

/**
 * Finds out which window this is, before drafts are read: after a reload the same as before. A duplicate begins with a copy of
 * the other's storage and learns by a lock that the other is still there.
 */
export async function claimWindow(): Promise<void> {
  const known = sessionStorage.getItem(windowKey) ?? undefined
  const isMine = known !== undefined && (await isLetGo(known))
  windowId = isMine ? known : randomId()
  original = isMine ? undefined : known
  sessionStorage.setItem(windowKey, windowId)
  if (!isMine) await lockWindow(windowId)
}

async function isLetGo(id: string): Promise<boolean> {
  for (let tries = 0; tries < unload.tries; tries++) {
    if (await lockWindow(id)) return true
    await new Promise((resolve) => setTimeout(resolve, unload.everyMs))
  }
  return false
}

/** Holds the window until the page is gone; false when another page does. Pages over plain HTTP from elsewhere have no locks. */
function lockWindow(id: string): Promise<boolean> {
  if (!navigator.locks) return Promise.resolve(true)
  return new Promise((resolve) => {
    void navigator.locks.request(`${windowKey}/${id}`, { ifAvailable: true }, (lock) => {
      resolve(lock !== null)
      return lock ? new Promise(() => {}) : undefined
    })
  })
}

/** Tabs of this window before it was reloaded, those of windows that are gone, and copies of those it was duplicated from. */
export function readDrafts(): Tab[] {
  const tabs: Tab[] = []
  for (const draft of storedDrafts()) {
    const isOrphan = Date.now() - draft.aliveAtMs > silenceMs
    const isCopy = draft.window === original && !isOrphan
    if (draft.window !== windowId && !isOrphan && !isCopy) continue
    try {
      const place = isCopy ? { ...draft, id: undefined } : draft
      tabs.push(Tab.restore({ ...noHistory, ...draft }, place, draft.job))
      // At once: until it says so, any other window that opens now would take it for one that was left behind.
      if (!isCopy) store({ ...draft, window: windowId, aliveAtMs: Date.now() })
    } catch {
      // A draft that no version can read any more is left where it is.
    }
  }
  return tabs
}

export function keepDrafts(page: Observable<{ readonly tabs: readonly Tab[] }>): void {
  const followed = new WeakSet<Tab>()
  const waiting = new Map<Tab, ReturnType<typeof setTimeout>>()
  const keep = (tab: Tab, aliveAtMs = Date.now()): void => {
    waiting.delete(tab)
    if (!page.state.tabs.includes(tab)) return
    const { title, name, revision } = tab.place.state
    const draft: Draft = {
      ...tab.store.keep(),
      id: tab.id,
      title,
      name,
      revision,
      job: tab.run.state.job,
      window: windowId,
      aliveAtMs,
    }
    // Where the storage is full, the document goes before its history; in memory both are safe.
    if (!store(draft)) store({ ...draft, ...noHistory })
  }
  const follow = (): void => {
    for (const tab of page.state.tabs) {
      if (followed.has(tab)) continue
      followed.add(tab)
      const keepSoon = (): void => {
        clearTimeout(waiting.get(tab))
        const timer = setTimeout(() => keep(tab), 600)
        waiting.set(tab, timer)
      }
      tab.store.subscribe(keepSoon)
      if (isWorthKeeping(tab)) keepSoon()
    }
  }
  follow()
  page.subscribe(follow)
  const keepAll = (aliveAtMs?: number): void => {
    for (const tab of page.state.tabs) if (isWorthKeeping(tab)) keep(tab, aliveAtMs)
  }
  // What a page leaves behind belongs to whoever opens the editor next; after a reload that is this window.
  window.addEventListener('pagehide', () => keepAll(0))
  window.addEventListener('pageshow', () => keepAll())
  setInterval(() => keepAll(), pulseMs)
}

function store(draft: Draft): boolean {
  try {
    localStorage.setItem(prefix + draft.id, JSON.stringify(draft))
    return true
  } catch {
    return false
  }
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
