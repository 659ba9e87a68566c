/**
 * The document of one tab, its history and who listens. The only truth: views read from it, gestures are recipes on it.
 * It knows nothing of nodes, pixels or servers.
 */
import {
  type LoadedWorkflow,
  parseWorkflow,
  printWorkflow,
  readWorkflow,
  saveWorkflow,
  type Workflow,
} from '@dreamgraph/graph'
import { applyPatches, enablePatches, type Patch, produceWithPatches } from 'immer'

enablePatches()

/** A gesture by name: what it is called in the history, and what it does to a draft. */
export interface Recipe {
  readonly name: string
  /**
   * Gestures in a row with the same key are one step of the history, as with dragging or typing. Each must supersede the
   * former: the last one alone, on the document before the first, gives the same.
   */
  readonly mergeKey?: string
  readonly change: (draft: Workflow) => void
}

export interface HistoryEntry {
  readonly name: string
  readonly patches: readonly Patch[]
  readonly inverse: readonly Patch[]
}

export interface DocumentState {
  readonly document: Workflow
  /** Names of what undo and redo would do. */
  readonly undo?: string
  readonly redo?: string
  /** True while the document differs from what was last opened or saved. */
  readonly isChanged: boolean
}

/** What of a document outlives the page, as JSON: its texts, and the steps that undo and redo it. */
export interface KeptDocument {
  /** As it was opened; absent for one that began empty. */
  readonly opened?: string
  readonly text: string
  readonly past: readonly HistoryEntry[]
  readonly future: readonly HistoryEntry[]
  /** Steps of past and future that the last save had; null if the history has lost that place. */
  readonly savedAt: number | null
}

/** The gesture that goes on. One that has come back to its base has no step in the history, for the moment. */
interface Merge {
  readonly key: string
  readonly base: Workflow
  readonly atMs: number
  readonly hasStep: boolean
}

const mergeWindowMs = 1000
const longestHistory = 1000

export class DocumentStore {
  #state: DocumentState
  #past: HistoryEntry[] = []
  #future: HistoryEntry[] = []
  #listeners = new Set<() => void>()
  readonly #loaded: LoadedWorkflow | undefined
  /** Entry on top of the past when the document was last saved; null after the history lost it. */
  #savedAt: HistoryEntry | undefined | null
  #merge: Merge | undefined
  readonly #now: () => number

  constructor(source: LoadedWorkflow | Workflow, now: () => number = () => performance.now()) {
    this.#loaded = 'document' in source && 'text' in source ? (source as LoadedWorkflow) : undefined
    this.#state = { document: this.#loaded?.document ?? (source as Workflow), isChanged: false }
    this.#now = now
  }

  /** Throws DocumentError for a text that is no workflow. */
  static fromText(text: string): DocumentStore {
    return new DocumentStore(parseWorkflow(text))
  }

  static empty(name: string): DocumentStore {
    return new DocumentStore(readWorkflow({ dreamgraph: 2, name, nodes: {}, links: [] }))
  }

  /** The store that `keep` has described. Throws DocumentError for texts that are no workflows. */
  static restore({ opened, text, past, future, savedAt }: KeptDocument): DocumentStore {
    const { document } = parseWorkflow(text)
    const store = new DocumentStore(opened === undefined ? document : parseWorkflow(opened))
    store.#past = [...past]
    store.#future = [...future]
    store.#savedAt = savedAt === null ? null : [...past, ...future.toReversed()][savedAt - 1]
    store.#settle(document)
    return store
  }

  keep(): KeptDocument {
    const steps = [...this.#past, ...this.#future.toReversed()]
    const at = this.#savedAt
    const savedAt = at === undefined ? 0 : at === null ? -1 : steps.indexOf(at) + 1 || -1
    return {
      ...(this.#loaded && { opened: this.#loaded.text }),
      text: this.text,
      past: this.#past,
      future: this.#future,
      savedAt: savedAt < 0 ? null : savedAt,
    }
  }

  get state(): DocumentState {
    return this.#state
  }

  get document(): Workflow {
    return this.#state.document
  }

  get history(): readonly HistoryEntry[] {
    return this.#past
  }

  /** What redo would bring back, the nearest last. */
  get future(): readonly HistoryEntry[] {
    return this.#future
  }

  /** The text to save: the opened one, byte for byte, but for what was edited. */
  get text(): string {
    return this.#loaded ? saveWorkflow(this.#loaded, this.document) : printWorkflow(this.document)
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  apply(recipe: Recipe): void {
    const key = recipe.mergeKey
    const now = this.#now()
    const merges = key !== undefined && this.#merge?.key === key && now - this.#merge.atMs < mergeWindowMs
    const base = merges ? this.#merge!.base : this.document
    const [document, patches, inverse] = produceWithPatches(base, recipe.change)
    const hasStep = patches.length > 0
    if (merges) {
      if (this.#merge!.hasStep) this.#past.pop()
    } else if (!hasStep) return
    if (hasStep) this.#past.push({ name: recipe.name, patches, inverse })
    if (this.#past.length > longestHistory) this.#forgetOldest()
    this.#merge = key === undefined ? undefined : { key, base, atMs: now, hasStep }
    if (this.#future.some((entry) => entry === this.#savedAt)) this.#savedAt = null
    this.#future = []
    this.#settle(document)
  }

  /** Ends a continuous gesture: the next one of the same kind is a step of its own. */
  endMerge(): void {
    this.#merge = undefined
  }

  undo(): void {
    const entry = this.#past.pop()
    if (!entry) return
    this.#future.push(entry)
    this.#merge = undefined
    this.#settle(applyPatches(this.document, entry.inverse as Patch[]))
  }

  redo(): void {
    const entry = this.#future.pop()
    if (!entry) return
    this.#past.push(entry)
    this.#merge = undefined
    this.#settle(applyPatches(this.document, entry.patches as Patch[]))
  }

  /** Undoes or redoes until the history has so many steps. */
  goTo(steps: number): void {
    while (this.#past.length > steps) this.undo()
    while (this.#past.length < steps && this.#future.length > 0) this.redo()
  }

  /** `step`: the newest of the history when the saved text was taken, as one may edit on while it is being saved. */
  markSaved(step: HistoryEntry | undefined): void {
    this.#savedAt = step
    this.#merge = undefined
    this.#settle(this.document)
  }

  #forgetOldest(): void {
    const oldest = this.#past.shift()
    if (this.#savedAt === undefined) this.#savedAt = null
    else if (this.#savedAt === oldest) this.#savedAt = undefined
  }

  #settle(document: Workflow): void {
    const undo = this.#past.at(-1)
    this.#state = {
      document,
      undo: undo?.name,
      redo: this.#future.at(-1)?.name,
      isChanged: undo !== this.#savedAt,
    }
    for (const listener of this.#listeners) listener()
  }
}
