/** A document of ours while it grows: nodes with where they come from, links, and inputs declared by name. */
import type {
  CatalogueDescription,
  DeclaredInput,
  InputTarget,
  JsonValue,
  NodeDescription,
  Workflow,
  WorkflowLink,
  WorkflowNode,
} from '@dreamgraph/graph'
import { fitParam } from './fit.js'
import type { Report } from './report.js'
import type { Origin, Socket } from './values.js'

export interface InputWish {
  /** Where the value is written: the same place becomes the same input. */
  readonly key: string
  /** Name of the input; a second one of the name gets a number. */
  readonly name: string
  readonly type: string
  readonly default?: JsonValue
  readonly title: string
  readonly description?: string
}

interface DraftNode {
  readonly description: NodeDescription
  readonly origin: Origin
  readonly params: Record<string, JsonValue>
}

interface NamedInput {
  readonly name: string
  readonly wish: InputWish
  default: JsonValue | undefined
  readonly to: InputTarget[]
}

export class Draft {
  readonly #descriptions: ReadonlyMap<string, NodeDescription>
  readonly #nodes = new Map<string, DraftNode>()
  readonly #inputs = new Map<string, NamedInput>()
  readonly #outputs: { readonly from: Socket; readonly type: string; readonly title: string }[] = []
  readonly #fed = new Set<string>()
  readonly #names = new Set<string>()
  #links: WorkflowLink[] = []

  constructor(
    catalogue: CatalogueDescription,
    readonly report: Report,
  ) {
    this.#descriptions = new Map(catalogue.nodes.map((node) => [node.type, node]))
  }

  /** Adds a node called `name`, or with a number behind it, and returns its id. Values out of range are fitted and reported. */
  add(type: string, name: string, origin: Origin, params: Record<string, JsonValue> = {}): string {
    const description = this.#descriptions.get(type)
    if (!description) throw new Error(`internal: import: expected ${type} in the catalogue, got none`)
    const id = freeName(name, (candidate) => this.#nodes.has(candidate), '-')
    this.#nodes.set(id, { description, origin, params: {} })
    for (const [param, value] of Object.entries(params)) this.setParam(id, param, value)
    return id
  }

  setParam(id: string, param: string, value: JsonValue): void {
    this.#nodes.get(id)!.params[param] = this.#fit(id, param, value)
  }

  link(from: Socket, to: Socket, order?: number): void {
    this.#fed.add(`${to.node}\n${to.socket}`)
    this.#links.push({ from, to, ...(order !== undefined && { order }) })
  }

  /** Whether anything feeds an input of ours yet. */
  isFed(node: string, socket: string): boolean {
    return this.#fed.has(`${node}\n${socket}`)
  }

  /** Nodes of a type that nothing feeds at an input. */
  unfed(type: string, socket: string): string[] {
    const isOf = (id: string) => this.#nodes.get(id)!.description.type === type
    return this.nodeIds.filter((id) => isOf(id) && !this.isFed(id, socket))
  }

  originOf(id: string): Origin {
    return this.#nodes.get(id)!.origin
  }

  /** Lets a param be given by name. */
  declare(wish: InputWish, node: string, param: string): void {
    const key = `${wish.key} ${wish.type}`
    const known = this.#inputs.get(key)
    const value = wish.default === undefined ? undefined : this.#fit(node, param, known?.default ?? wish.default)
    if (known) {
      known.default = value
      known.to.push({ node, param })
      return
    }
    const separator = /\d$/.test(wish.name) ? '-' : ''
    const name = freeName(wish.name, (candidate) => this.#names.has(candidate), separator)
    this.#names.add(name)
    this.#inputs.set(key, { name, wish, default: value, to: [{ node, param }] })
  }

  output(from: Socket, type: string, title: string): void {
    if (this.#outputs.some((output) => output.from.node === from.node && output.from.socket === from.socket)) return
    this.#outputs.push({ from, type, title })
  }

  /** The name that an output socket was declared under. */
  outputName(from: Socket): string | undefined {
    const index = this.#outputs.findIndex(
      (output) => output.from.node === from.node && output.from.socket === from.socket,
    )
    return index < 0 ? undefined : outputName(index)
  }

  /** Without what leads to no picture: it would only be in the way, and may ask for files. */
  prune(): void {
    const needed = new Set(this.#outputs.map(({ from }) => from.node))
    for (const [id, { description }] of this.#nodes) if (description.effect) needed.add(id)
    const sources = new Map<string, string[]>()
    for (const { from, to } of this.#links) sources.set(to.node, [...(sources.get(to.node) ?? []), from.node])
    for (const id of needed) for (const source of sources.get(id) ?? []) needed.add(source)
    for (const id of [...this.#nodes.keys()]) if (!needed.has(id)) this.#nodes.delete(id)
    this.#links = this.#links.filter(({ to }) => needed.has(to.node))
    for (const [key, { to }] of this.#inputs) {
      to.splice(0, to.length, ...to.filter(({ node }) => needed.has(node)))
      if (to.length === 0) this.#inputs.delete(key)
    }
  }

  get isEmpty(): boolean {
    return this.#nodes.size === 0
  }

  get links(): readonly WorkflowLink[] {
    return this.#links
  }

  get nodeIds(): readonly string[] {
    return [...this.#nodes.keys()]
  }

  /** Our node id → ComfyUI's. */
  origins(): Record<string, string> {
    return Object.fromEntries([...this.#nodes].map(([id, { origin }]) => [id, origin.id]))
  }

  /** The document, with places for its nodes. */
  document(places: ReadonlyMap<string, { x: number; y: number }>): Workflow {
    const inputs = [...this.#inputs.values()]
      .sort(byRank)
      .map(({ name, wish, default: value, to }): [string, DeclaredInput] => {
        const { type, title, description } = wish
        return [
          name,
          { type, title, ...(description && { description }), ...(value !== undefined && { default: value }), to },
        ]
      })
    const outputs = this.#outputs.map(({ from, type, title }, index) => [outputName(index), { type, title, from }])
    const nodes = [...this.#nodes].map(([id, { description, params }]): [string, WorkflowNode] => {
      const { type, version } = description
      const hasParams = Object.keys(params).length > 0
      return [id, { type, version, ...(hasParams && { params }), ui: places.get(id) }]
    })
    return {
      dreamgraph: 2,
      inputs: Object.fromEntries(inputs),
      outputs: Object.fromEntries(outputs),
      nodes: Object.fromEntries(nodes),
      links: [...this.#links],
    }
  }

  #fit(id: string, name: string, value: JsonValue): JsonValue {
    const { description, origin } = this.#nodes.get(id)!
    const param = description.params.find((candidate) => candidate.name === name)
    if (!param) throw new Error(`internal: import: expected a param ${name} of ${description.type}, got none`)
    const { value: fitting, rule } = fitParam(param, value)
    if (rule) {
      this.report.say(
        'guessed',
        origin,
        `${description.type} ${name}`,
        `takes ${rule}, so not all of what was asked for`,
      )
    }
    return fitting
  }
}

/** The order in which inputs are listed; equal ones stay as they were met. */
const ranks = [
  'model',
  'prompt',
  'negative',
  'reference',
  'image',
  'seed',
  'width',
  'height',
  'steps',
  'guidance',
  'name',
]

const byRank = (a: NamedInput, b: NamedInput): number => rankOf(a) - rankOf(b)

const rankOf = ({ wish }: NamedInput): number => ranks.findIndex((start) => wish.name.startsWith(start))

const outputName = (index: number): string => (index === 0 ? 'picture' : `picture${index + 1}`)

function freeName(name: string, isTaken: (candidate: string) => boolean, separator: string): string {
  let free = name
  for (let count = 2; isTaken(free); count++) free = `${name}${separator}${count}`
  return free
}
