/** One open workflow: its document, what of it is looked at, and how its newest run goes. */
import type { WorkflowLink } from '@dreamgraph/graph'
import { DocumentStore, type KeptDocument, type Recipe } from '../document/document-store.js'
import { findGraph, type GraphName } from '../document/graph.js'
import type { Frame } from '../document/recipes/frames.js'
import { noRun, type RunState } from '../run/run-state.js'
import { Observable } from '../state/observable.js'
import { randomId } from '../state/random-id.js'

/** The socket that the keyboard stands on. */
export interface SocketCursor {
  readonly node: string
  readonly side: 'input' | 'output'
  readonly socket: string
}

export interface ViewState {
  readonly graph: GraphName
  /** Components that are open around the graph, outermost first: their names and the nodes that use them. */
  readonly trail: readonly { readonly graph: GraphName; readonly node: string }[]
  readonly nodes: ReadonlySet<string>
  /** Keys of links, by `linkKey`: their places change while one edits. */
  readonly links: ReadonlySet<string>
  readonly frame?: { readonly kind: Frame; readonly index: number }
  readonly cursor?: SocketCursor
}

export const noSelection = { nodes: new Set<string>(), links: new Set<string>(), frame: undefined, cursor: undefined }

export const linkKey = ({ from, to }: Pick<WorkflowLink, 'from' | 'to'>): string =>
  JSON.stringify([from.node, from.socket, to.node, to.socket])

export interface TabPlace {
  readonly title: string
  readonly name?: string
  readonly revision?: number
}

export class Tab {
  readonly id: string
  readonly store: DocumentStore
  readonly view: Observable<ViewState>
  readonly run = new Observable<RunState>(noRun)
  /** What the model gets of each reference, by the node that encodes it, as object URLs. */
  readonly prepared = new Observable<{ readonly urls: ReadonlyMap<string, string> }>({ urls: new Map() })
  /** Under which the server knows it, and which revision is edited. */
  readonly place: Observable<{ readonly name?: string; readonly revision: number; readonly title: string }>

  constructor(store: DocumentStore, { title, name, revision = 0, id }: TabPlace & { readonly id?: string }) {
    this.id = id ?? `tab-${randomId()}`
    this.store = store
    this.view = new Observable<ViewState>({ graph: null, trail: [], ...noSelection })
    this.place = new Observable({ title, name, revision })
    store.subscribe(() => this.#leaveGone())
  }

  static fromText(text: string, place: TabPlace): Tab {
    return new Tab(DocumentStore.fromText(text), place)
  }

  /** As it was before the page was left. `job`: its newest run, to be followed again. */
  static restore(kept: KeptDocument, place: TabPlace & { readonly id?: string }, job?: string): Tab {
    const tab = new Tab(DocumentStore.restore(kept), place)
    if (job !== undefined) tab.run.set({ job })
    return tab
  }

  get graph(): GraphName {
    return this.view.state.graph
  }

  apply(recipe: Recipe): void {
    this.store.apply(recipe)
  }

  select(nodes: Iterable<string>): void {
    this.view.set({ ...noSelection, nodes: new Set(nodes) })
  }

  clearSelection(): void {
    this.view.set(noSelection)
  }

  /** Id of a node of the open graph as runs and problems name it: `outer/inner`. */
  runId(id: string): string {
    return [...this.view.state.trail.map(({ node }) => node), id].join('/')
  }

  openComponent(name: string, node: string): void {
    const { graph, trail } = this.view.state
    this.view.set({ ...noSelection, graph: name, trail: [...trail, { graph, node }] })
  }

  /** An undo may take away the component that is open: back to the nearest graph around it that is still there. */
  #leaveGone(): void {
    const { graph, trail } = this.view.state
    const { document } = this.store
    if (findGraph(document, graph)) return
    const isThere = (step: { graph: GraphName }) => findGraph(document, step.graph) !== undefined
    this.leaveComponent(trail.findLastIndex(isThere))
  }

  /** Goes back to the graph at `depth` of the trail. */
  leaveComponent(depth: number): void {
    const { trail } = this.view.state
    const step = trail[depth]
    if (step)
      this.view.set({ ...noSelection, graph: step.graph, trail: trail.slice(0, depth), nodes: new Set([step.node]) })
  }
}
