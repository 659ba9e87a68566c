/** What became of each node of a flow, for people to read. */
import type { Origin } from './values.js'

export interface ReportEntry {
  /** mapped: the same here. guessed: something like it, and `why` says what differs. refused: left out. */
  readonly kind: 'mapped' | 'guessed' | 'refused'
  /** ComfyUI's node id, `57:3` in a subgraph. */
  readonly node: string
  readonly class: string
  readonly what: string
  readonly why: string
  /** Our nodes that do its work. */
  readonly nodes: readonly string[]
}

export type Remark = Omit<ReportEntry, 'nodes'>

export class Report {
  readonly #remarks = new Map<string, Remark>()
  readonly #nodes = new Set<string>()

  say(kind: Remark['kind'], origin: Origin, what: string, why = ''): void {
    this.add({ kind, node: origin.id, class: origin.class, what, why })
  }

  add(remark: Remark): void {
    this.#nodes.add(remark.node)
    this.#remarks.set(JSON.stringify(remark), remark) // told once, however often it is met
  }

  has(node: string): boolean {
    return this.#nodes.has(node)
  }

  /** All remarks in the order of the flow's nodes, with our nodes by origin. */
  entries(order: readonly string[], origins: Readonly<Record<string, string>>): ReportEntry[] {
    const place = new Map([...new Set(order)].map((id, index) => [id, index]))
    const placeOf = ({ node }: Remark) => place.get(node) ?? order.length
    const ours = new Map<string, string[]>()
    for (const [node, origin] of Object.entries(origins)) ours.set(origin, [...(ours.get(origin) ?? []), node])
    return [...this.#remarks.values()]
      .sort((a, b) => placeOf(a) - placeOf(b))
      .map((remark) => ({ ...remark, nodes: ours.get(remark.node) ?? [] }))
  }
}
