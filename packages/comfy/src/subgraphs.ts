/** The nodes of a workflow file with its subgraphs unfolded, and the way from an input back to what feeds it. */
import { ComfyError, fail, pointer } from './errors.js'
import type { ComfyJson } from './exact-json.js'
import { maxNodes } from './prompt.js'
import { type ComfyUiFile, modes, type UiGraph, type UiNode, type UiSubgraph } from './ui-file.js'
import { nameWidgets } from './widgets.js'

/** A graph in its place: the file itself, or one use of a subgraph. */
export interface Scope {
  readonly graph: UiGraph
  /** `57:` for what stands in node 57; ComfyUI names inner nodes so too. */
  readonly prefix: string
  readonly use?: SubgraphUse
}

/** The node that stands for a subgraph, where it stands. */
export interface SubgraphUse {
  readonly scope: Scope
  readonly node: UiNode
  readonly subgraph: UiSubgraph
}

export interface PlacedNode {
  readonly id: string
  readonly node: UiNode
  readonly scope: Scope
  /** True where the node, or what it stands in, does not run. */
  readonly isSilent: boolean
}

/** What an input gets: an output of a node that runs, or a value. */
export type Feed = { readonly node: string; readonly output: number } | { readonly value: ComfyJson }

/** Nodes that exist in the browser only. */
export const virtualTypes = new Set(['Reroute', 'PrimitiveNode', 'Note', 'MarkdownNote'])

/** Every node, subgraphs' uses included, each after what it stands in. */
export function unfold(file: ComfyUiFile): { readonly nodes: readonly PlacedNode[]; readonly scopes: Scopes } {
  const inner = new Map<string, Scope>()
  const nodes: PlacedNode[] = []
  const visit = (scope: Scope, isSilent: boolean, within: readonly string[]): void => {
    for (const node of scope.graph.nodes.values()) {
      const id = scope.prefix + node.id
      const isOff = isSilent || node.mode === modes.mute || node.mode === modes.bypass
      nodes.push({ id, node, scope, isSilent: isOff })
      if (nodes.length > maxNodes) fail('comfy/too-large', '/nodes', `at most ${maxNodes} nodes`, 'more')
      const subgraph = file.subgraphs.get(node.type)
      if (!subgraph) continue
      if (within.includes(node.type)) {
        const path = pointer('definitions', 'subgraphs')
        const message = `ComfyUI file ${path}: expected subgraphs that do not use themselves, got ${subgraph.name} in itself`
        throw new ComfyError([{ code: 'comfy/recursive-subgraph', path, message }])
      }
      const deeper: Scope = { graph: subgraph, prefix: `${id}:`, use: { scope, node, subgraph } }
      inner.set(id, deeper)
      visit(deeper, isOff, [...within, node.type])
    }
  }
  const root: Scope = { graph: file, prefix: '' }
  visit(root, false, [])
  return { nodes, scopes: new Scopes(inner) }
}

/** Follows links against their direction, through everything that is not there when a prompt runs. */
export class Scopes {
  constructor(readonly inner: ReadonlyMap<string, Scope>) {}

  /** What comes over a link; undefined when nothing does: cut, muted, or in a circle of reroutes. */
  feedOf(scope: Scope, link: number): Feed | undefined {
    const seen = new Set<string>()
    let next: { scope: Scope; link: number } | { feed: Feed | undefined } = { scope, link }
    while (!('feed' in next)) {
      const key = `${next.scope.prefix}|${next.link}`
      if (seen.has(key)) return undefined
      seen.add(key)
      next = this.#step(next.scope, next.link)
    }
    return next.feed
  }

  #step(scope: Scope, id: number): { scope: Scope; link: number } | { feed: Feed | undefined } {
    const nothing = { feed: undefined }
    const link = scope.graph.links.get(id)
    if (!link) return nothing
    if (scope.use && link.from === scope.use.subgraph.inputNode) return outside(scope.use, link.output)
    const node = scope.graph.nodes.get(link.from)
    if (!node || node.mode === modes.mute) return nothing
    const over = (through: number | null | undefined) =>
      typeof through === 'number' ? { scope, link: through } : nothing
    if (node.mode === modes.bypass) return over(bypassOf(node, link.output))
    if (node.type === 'Reroute') return over(node.inputs[0]?.link)
    if (node.type === 'PrimitiveNode') {
      const value = Array.isArray(node.widgets_values) ? node.widgets_values[0] : undefined
      return { feed: value === undefined ? undefined : { value } }
    }
    const inner = this.inner.get(scope.prefix + node.id)
    if (!inner) return { feed: { node: scope.prefix + node.id, output: link.output } }
    const { outputNode } = inner.use!.subgraph
    const last = [...inner.graph.links.values()].find(({ to, input }) => to === outputNode && input === link.output)
    return last ? { scope: inner, link: last.id } : nothing
  }
}

/** From a subgraph's own input to what feeds the node that uses it, or to the field that stands there. */
function outside(use: SubgraphUse, slot: number): { scope: Scope; link: number } | { feed: Feed | undefined } {
  const { scope, node, subgraph } = use
  const name = subgraph.inputs[slot]
  const input = node.inputs.find((candidate) => candidate.name === name) ?? node.inputs[slot]
  if (typeof input?.link === 'number') return { scope, link: input.link }
  const field = input?.widget?.name ?? name
  const value = field === undefined ? undefined : fieldsOutside(use).get(fieldKey(ownFields, field))
  return { feed: value === undefined ? undefined : { value } }
}

/** Stands for the using node itself where fields are named after the inner node that they belong to. */
const ownFields = '-1'

const fieldKey = (node: string, name: string): string => `${node}\n${name}`

/** Values of a subgraph's fields as set on the node that uses it: by inner node and field name, or by its own input. */
function fieldsOutside({ node }: SubgraphUse): ReadonlyMap<string, ComfyJson> {
  const { widgets_values: values, properties } = node
  const proxies = properties?.proxyWidgets
  if (Array.isArray(proxies) && Array.isArray(values) && proxies.length === values.length) {
    return withoutNulls(
      proxies.map((proxy, at) => {
        const [inner, name] = Array.isArray(proxy) ? proxy : []
        return [fieldKey(String(inner), String(name)), values[at]!]
      }),
    )
  }
  return withoutNulls(
    Object.entries(nameWidgets(node).inputs).map(([name, value]) => [fieldKey(ownFields, name), value]),
  )
}

/** Null says that the inner node's own value counts. */
const withoutNulls = (fields: [string, ComfyJson][]) => new Map(fields.filter(([, value]) => value !== null))

/** The fields of an inner node that the using node sets. */
export function promotedFields({ node, scope }: PlacedNode): Record<string, ComfyJson> {
  if (!scope.use) return {}
  const start = fieldKey(node.id, '')
  const fields = [...fieldsOutside(scope.use)].filter(([key]) => key.startsWith(start))
  return Object.fromEntries(fields.map(([key, value]) => [key.slice(start.length), value]))
}

/** The input that a bypassed node passes on: at the same place if the type is the same, else the first of the type. */
function bypassOf({ inputs, outputs }: UiNode, slot: number): number | null | undefined {
  const type = outputs[slot]?.type
  if (type === undefined) return undefined
  const isSame = (input: (typeof inputs)[number]) => input.type === type || input.type === '*' || type === '*'
  const opposite = inputs[slot]
  if (opposite && isSame(opposite)) return opposite.link
  return inputs.find(isSame)?.link
}
