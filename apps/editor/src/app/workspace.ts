/** The open page: tabs, backend, catalogue, and what of the frame around them is shown. */
import type { Catalogue } from '@dreamgraph/graph'
import type { ImportEntry, Job, ModelSummary, StoredWorkflow, WorkflowSummary } from '@dreamgraph/protocol'
import type { GraphCanvas } from '../canvas/graph-canvas.js'
import { makeRoom } from '../canvas/make-room.js'
import { type NodeCatalogue, nodeCatalogue } from '../catalogue/catalogue.js'
import { checkableCatalogue } from '../catalogue/checkable.js'
import { type NodeSearch, nodeSearch } from '../catalogue/search.js'
import { DocumentStore } from '../document/document-store.js'
import { NodePictures } from '../run/node-pictures.js'
import type { Backend, Reachability } from '../server/backend.js'
import { Observable } from '../state/observable.js'
import { keepTheme, readTheme, showTheme, type Theme } from '../theme/theme.js'
import type { TrainingStage } from '../training/stages.js'
import { claimWindow, forgetDraft, keepDrafts, readDrafts } from './drafts.js'
import type { PopupRequest } from './popups.js'
import { DocumentProblems } from './problems.js'
import { Tab } from './tab.js'

export type LeftPanel = 'nodes' | 'templates' | 'queue' | 'gallery' | 'models'
export type RightPanel = 'details' | 'problems' | 'dreamo' | 'history' | 'training'

export interface PageState {
  readonly tabs: readonly Tab[]
  readonly active: string
  readonly left?: LeftPanel
  readonly right?: RightPanel
  readonly theme: Theme
  readonly minimap: boolean
  readonly popup?: PopupRequest
  /** A table of losses that was opened, instead of those of the newest run. */
  readonly losses?: { readonly title: string; readonly stages: readonly TrainingStage[] }
  readonly dialog?:
    | 'palette'
    | 'shortcuts'
    | 'run-form'
    | { readonly picture: string }
    | { readonly conflict: string; readonly head: number; readonly tab: Tab }
    | { readonly imported: string; readonly report: readonly ImportEntry[] }
  readonly notice?: { readonly text: string; readonly tone: 'good' | 'bad' | 'plain'; readonly count: number }
}

export interface ServerState {
  readonly jobs: readonly Job[]
  readonly workflows: readonly WorkflowSummary[]
  readonly models: readonly ModelSummary[]
  readonly isPaused: boolean
  /** Ids of jobs that wait, in the order in which they will run. */
  readonly waiting: readonly string[]
  readonly reachability: Reachability
}

export class Workspace {
  readonly backend: Backend
  readonly catalogue: NodeCatalogue
  readonly checkable: Catalogue<unknown>
  readonly search: NodeSearch
  readonly page: Observable<PageState>
  readonly server = new Observable<ServerState>({
    jobs: [],
    workflows: [],
    models: [],
    isPaused: false,
    waiting: [],
    reachability: { isAway: false },
  })
  /** Raised whenever more files of workflows can be seen. */
  readonly files = new Observable<{ readonly version: number }>({ version: 0 })
  /** The canvas of the active tab, while there is one. */
  canvas: GraphCanvas | undefined
  readonly #problems = new WeakMap<Tab, DocumentProblems>()
  readonly #pictures = new WeakMap<Tab, NodePictures>()
  #noticeCount = 0

  private constructor(backend: Backend, catalogue: NodeCatalogue) {
    this.backend = backend
    this.catalogue = catalogue
    this.checkable = checkableCatalogue(catalogue.description)
    this.search = nodeSearch(catalogue.nodes)
    const tabs = readDrafts()
    if (tabs.length === 0) tabs.push(new Tab(DocumentStore.empty('untitled'), { title: 'untitled' }))
    this.page = new Observable<PageState>({
      tabs,
      active: tabs[0]!.id,
      theme: readTheme(),
      right: window.innerWidth >= 1100 ? 'details' : undefined,
      minimap: true,
    })
    keepDrafts(this.page)
  }

  /** `first` names a workflow that is open from the start, with no empty canvas before it. */
  static async open(backend: Backend, { first }: { readonly first?: string } = {}): Promise<Workspace> {
    // Asked for at once: neither needs the other's answer.
    const stored = first === undefined ? undefined : backend.open(first)
    stored?.catch(() => {}) // told of where it is awaited
    const [catalogue] = await Promise.all([backend.catalogue(), claimWindow()])
    const workspace = new Workspace(backend, nodeCatalogue(catalogue))
    if (stored) await workspace.attempt(async () => workspace.#openStored(first!, await stored))
    backend.onJobs(() => void workspace.readJobs())
    backend.onFiles(() => workspace.files.set({ version: workspace.files.state.version + 1 }))
    backend.onReachability?.((reachability) => {
      const isBack = workspace.server.state.reachability.isAway && !reachability.isAway
      workspace.server.set({ reachability })
      if (isBack) workspace.readAll()
    })
    workspace.readAll()
    return workspace
  }

  get tab(): Tab {
    const { tabs, active } = this.page.state
    return tabs.find(({ id }) => id === active) ?? tabs[0]!
  }

  problemsOf(tab: Tab): DocumentProblems {
    const known = this.#problems.get(tab) ?? new DocumentProblems(tab, this.checkable)
    this.#problems.set(tab, known)
    return known
  }

  picturesOf(tab: Tab): NodePictures {
    const known = this.#pictures.get(tab) ?? new NodePictures(tab, this)
    this.#pictures.set(tab, known)
    return known
  }

  show(text: string, tone: 'good' | 'bad' | 'plain' = 'plain'): void {
    this.page.set({ notice: { text, tone, count: ++this.#noticeCount } })
  }

  /** Does something that may fail for reasons outside, and tells of it. */
  async attempt<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work()
    } catch (cause) {
      this.show((cause as Error).message, 'bad')
      return undefined
    }
  }

  /** Brings a file to the server; the name by which documents know it there. Tells of a failure, and throws it on. */
  async upload(file: File): Promise<string> {
    try {
      return (await this.backend.upload(file)).file
    } catch (cause) {
      this.show(`${file.name}: ${(cause as Error).message}`, 'bad')
      throw cause
    }
  }

  openTab(tab: Tab): void {
    const { tabs } = this.page.state
    const [only] = tabs
    // An untouched empty tab gives way.
    const isIdle =
      tabs.length === 1 && only!.store.history.length === 0 && Object.keys(only!.store.document.nodes).length === 0
    if (isIdle) forgetDraft(only!.id)
    this.page.set({ tabs: isIdle ? [tab] : [...tabs, tab], active: tab.id, popup: undefined })
  }

  newTab(): void {
    const titles = new Set(this.page.state.tabs.map(({ place }) => place.state.title))
    let title = 'untitled'
    for (let count = 2; titles.has(title); count++) title = `untitled ${count}`
    const tab = new Tab(DocumentStore.empty(title), { title })
    this.page.set({ tabs: [...this.page.state.tabs, tab], active: tab.id })
  }

  /** Opens a text that came from a file or a picture. */
  openText(text: string, title: string): void {
    try {
      this.openTab(Tab.fromText(text, { title }))
    } catch (cause) {
      this.show(`${title}: ${(cause as Error).message}`, 'bad')
    }
  }

  async openWorkflow(name: string): Promise<void> {
    await this.attempt(async () => this.#openStored(name, await this.backend.open(name)))
  }

  #openStored(name: string, { text, title, revision, template }: StoredWorkflow): void {
    const tab = Tab.fromText(text, template ? { title } : { title, name, revision })
    if (template) {
      makeRoom(tab, this.catalogue, new Set(this.picturesOf(tab).urls().keys()))
      tab.store.markSaved(tab.store.history.at(-1))
    }
    this.openTab(tab)
  }

  /** Opens an older revision beside the workflow, as a copy without a name of its own: saving it makes a workflow anew. */
  async openRevision(name: string, revision: number): Promise<void> {
    await this.attempt(async () => {
      const { text, title } = await this.backend.open(name, revision)
      this.openTab(Tab.fromText(text, { title: `${title} ${revision}` }))
    })
  }

  /** Shows a table of losses as curves. */
  async openLosses(title: string, read: () => Promise<string>): Promise<void> {
    await this.attempt(async () => {
      const { readLosses } = await import('../training/read-losses.js')
      this.page.set({ losses: { title, stages: readLosses(await read()) }, right: 'training' })
    })
  }

  closeTab(id: string): void {
    const { tabs, active } = this.page.state
    const index = tabs.findIndex((tab) => tab.id === id)
    const tab = tabs[index]
    if (!tab) return
    if (
      tab.store.state.isChanged &&
      !window.confirm(`“${tab.place.state.title}” has changes that are not saved. Close it?`)
    ) {
      return
    }
    forgetDraft(id)
    const left = tabs.filter((other) => other !== tab)
    if (left.length === 0) left.push(new Tab(DocumentStore.empty('untitled'), { title: 'untitled' }))
    this.page.set({ tabs: left, active: active === id ? left[Math.max(0, index - 1)]!.id : active })
  }

  /** Under another name than its own, the title follows; it stays as it is if the save fails. */
  async save(
    tab = this.tab,
    place: { readonly name?: string; readonly revision: number } = tab.place.state,
  ): Promise<void> {
    const { name = tab.place.state.title, revision } = place
    await this.attempt(async () => {
      tab.store.endMerge()
      const step = tab.store.history.at(-1)
      const saved = await this.backend.save(name, tab.store.text, revision)
      if ('conflict' in saved) {
        this.page.set({ dialog: { conflict: name, head: saved.head, tab } })
        return
      }
      const isRenamed = tab.place.state.name !== undefined && tab.place.state.name !== name
      tab.place.set({ name, revision: saved.revision, ...(isRenamed && { title: name }) })
      tab.store.markSaved(step)
      this.show(`Saved “${name}”, revision ${saved.revision}`, 'good')
      await this.readWorkflows()
    })
  }

  /** All that is told of the server beside the canvas; after a break it may have changed. */
  readAll(): void {
    void this.readJobs()
    void this.readWorkflows()
    void this.attempt(async () => this.server.set({ models: await this.backend.models() }))
  }

  async readWorkflows(): Promise<void> {
    await this.attempt(async () => this.server.set({ workflows: await this.backend.workflows() }))
  }

  async readJobs(): Promise<void> {
    await this.attempt(async () => {
      const [jobs, { paused }] = await Promise.all([this.backend.jobs(), this.backend.queue()])
      const waits = jobs.some(({ state }) => state === 'queued' || state === 'paused')
      this.server.set({ jobs, isPaused: paused, waiting: waits ? await this.backend.waiting() : [] })
    })
  }

  async signOut(): Promise<void> {
    await this.attempt(async () => {
      await this.backend.signOut?.()
      window.location.reload()
    })
  }

  setTheme(theme: Theme): void {
    keepTheme(theme)
    showTheme(theme)
    this.page.set({ theme })
    this.canvas?.themeChanged()
  }
}
