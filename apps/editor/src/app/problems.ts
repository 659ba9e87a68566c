/** What the checker finds in a tab's document, looked up by node. It runs here, a moment after each change. */
import { type Catalogue, check, type Problem } from '@dreamgraph/graph'
import { Observable } from '../state/observable.js'
import type { Tab } from './tab.js'

export interface Findings {
  readonly errors: readonly Problem[]
  readonly warnings: readonly Problem[]
}

const none: readonly Problem[] = []
const delayMs = 120

export class DocumentProblems {
  readonly found = new Observable<Findings>({ errors: none, warnings: none })
  #byNode = new Map<string, readonly Problem[]>() as ReadonlyMap<string, readonly Problem[]>
  #waiting: ReturnType<typeof setTimeout> | undefined
  readonly #tab: Tab
  readonly #catalogue: Catalogue<unknown>

  constructor(tab: Tab, catalogue: Catalogue<unknown>) {
    this.#tab = tab
    this.#catalogue = catalogue
    tab.store.subscribe(() => {
      clearTimeout(this.#waiting)
      this.#waiting = setTimeout(() => this.#check(), delayMs)
    })
    this.#check()
  }

  /** What is found in the document as it stands, without the moment's delay. */
  now(): Findings {
    if (this.#waiting !== undefined) this.#check()
    return this.found.state
  }

  subscribe = (listener: () => void): (() => void) => this.found.subscribe(listener)

  /** Errors at a node, by the id that runs use. */
  of(id: string): readonly Problem[] {
    return this.#byNode.get(id) ?? none
  }

  #check(): void {
    clearTimeout(this.#waiting)
    this.#waiting = undefined
    const result = check(this.#tab.store.document, this.#catalogue)
    const errors = result.ok ? none : result.errors
    const byNode = new Map<string, Problem[]>()
    for (const error of errors) byNode.set(error.node ?? '', [...(byNode.get(error.node ?? '') ?? []), error])
    this.#byNode = byNode
    // Waypoints of links are ours; the checker does not know them.
    const warnings = result.warnings.filter(({ code, path }) => code !== 'check/unknown-field' || !path.endsWith('/ui'))
    this.found.set({ errors, warnings })
  }
}
