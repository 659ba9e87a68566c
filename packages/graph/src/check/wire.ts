/** Links: both ends are looked up through component borders and become feeds of flat nodes. Types come later. */
import { pointer } from '../document/pointer.js'
import type { ValueType } from '../socket-type.js'
import { nearest } from '../suggest.js'
import type { Expansion, FlatNode, Scope } from './expand.js'
import type { Edge } from './order.js'
import type { Problems } from './problems.js'

/** What flows into one input or param of a flat node. */
export interface Feed {
  /** Flat index of the source; −1 for a given value, or for one that is wrong and was reported (then `given` is absent). */
  readonly from: number
  /** Output name, or the name of the workflow input. */
  readonly output: string
  readonly given?: { readonly value: unknown; readonly type: ValueType }
  readonly order: number
  /** Pointer to the link or the declared input. */
  readonly path: string
}

/** An input or a param of a flat node, reached from a link or a declared input. */
export interface Leaf<S> {
  readonly flat: FlatNode<S>
  readonly name: string
}

/** A place in the document that names a node and one of its sockets. */
export interface End {
  readonly node: string
  readonly socket: string
  readonly path: string
}

export class Wiring<S> {
  /** Per flat node: feeds by input or param name, in document order. */
  readonly feeds: (Map<string, Feed[]> | undefined)[]
  readonly edges: Edge[] = []
  readonly #errors: Problems

  constructor({ scopes, nodes }: Expansion<S>, errors: Problems) {
    this.feeds = new Array(nodes.length)
    this.#errors = errors
    for (const scope of scopes) this.#link(scope)
  }

  feed({ flat, name }: Leaf<S>, feed: Feed): void {
    let byName = this.feeds[flat.index]
    if (!byName) this.feeds[flat.index] = byName = new Map()
    const feeds = byName.get(name)
    if (!feeds) byName.set(name, [feed])
    else if (this.#isMany(flat, name)) feeds.push(feed)
    else {
      const rule = 'one link to a single socket'
      const value = `${feeds.length + 1} links`
      this.#errors.add('check/duplicate-link', { path: feed.path, node: flat.id, socket: name, rule, value })
    }
    if (feed.from >= 0) this.edges.push({ from: feed.from, to: flat.index })
  }

  /** Marks a leaf whose value is wrong and was reported, so that nobody reports it as missing too. */
  poison({ flat, name }: Leaf<S>, path: string): void {
    const byName = this.feeds[flat.index] ?? new Map<string, Feed[]>()
    this.feeds[flat.index] = byName
    if (!byName.has(name)) byName.set(name, [{ from: -1, output: '', order: 0, path }])
  }

  /** Finds the flat node and output behind a source end; reports and returns undefined when there is none. */
  source(scope: Scope<S>, end: End): { flat: FlatNode<S>; output: string } | undefined {
    const flat = scope.nodes.get(end.node)
    if (flat) {
      const { node } = flat
      if (node && !Object.hasOwn(node.outputs, end.socket)) {
        this.#unknownSocket(flat.id, end, 'an output', Object.keys(node.outputs))
        return undefined
      }
      return { flat, output: end.socket }
    }
    const inner = scope.inner.get(end.node)
    if (!inner) return this.#missingNode(scope, end)
    const outputs = inner.graph.outputs ?? {}
    if (!Object.hasOwn(outputs, end.socket)) {
      this.#unknownSocket(inner.use!.id, end, 'an output', Object.keys(outputs))
      return undefined
    }
    return this.source(inner, {
      ...outputs[end.socket]!.from,
      path: inner.path + pointer('outputs', end.socket, 'from'),
    })
  }

  /** Finds the inputs and params behind a target end; one end may reach several through a component's declared input. */
  targets(scope: Scope<S>, end: End, only?: 'param'): Leaf<S>[] {
    const flat = scope.nodes.get(end.node)
    if (flat) {
      const { node } = flat
      const inputs = only || !node ? [] : Object.keys(node.inputs)
      if (node && !inputs.includes(end.socket) && !Object.hasOwn(node.params, end.socket)) {
        this.#unknownSocket(flat.id, end, only ? 'a param' : 'an input or param', [
          ...inputs,
          ...Object.keys(node.params),
        ])
        return []
      }
      return [{ flat, name: end.socket }]
    }
    const inner = scope.inner.get(end.node)
    if (!inner) return this.#missingNode(scope, end) ?? []
    const inputs = inner.graph.inputs ?? {}
    if (!Object.hasOwn(inputs, end.socket)) {
      this.#unknownSocket(inner.use!.id, end, 'an input', Object.keys(inputs))
      return []
    }
    inner.fed.add(end.socket)
    return this.declaredTargets(inner, end.socket)
  }

  /** The inputs and params that a declared input of a scope feeds. */
  declaredTargets(scope: Scope<S>, name: string): Leaf<S>[] {
    return scope.graph.inputs![name]!.to.flatMap(({ node, param, socket }, index) => {
      const path = scope.path + pointer('inputs', name, 'to', index)
      return this.targets(scope, { node, socket: (param ?? socket)!, path }, param === undefined ? undefined : 'param')
    })
  }

  #link(scope: Scope<S>): void {
    const links = scope.graph.links ?? []
    for (let index = 0; index < links.length; index++) {
      const { from, to, order } = links[index]!
      const path = `${scope.path}/links/${index}`
      const source = this.source(scope, { node: from.node, socket: from.socket, path: `${path}/from` })
      const targets = this.targets(scope, { node: to.node, socket: to.socket, path: `${path}/to` })
      for (const leaf of targets) {
        if (!source) this.poison(leaf, path)
        else this.feed(leaf, { from: source.flat.index, output: source.output, order: order ?? index, path })
      }
    }
  }

  #isMany({ node }: FlatNode<S>, name: string): boolean {
    return !node || (Object.hasOwn(node.inputs, name) && node.inputs[name]!.many === true)
  }

  #unknownSocket(node: string, end: End, kind: string, known: readonly string[]): void {
    const rule = known.length === 0 ? `${kind}, but this node has none` : kind
    const suggest = () => nearest(end.socket, known)
    const { path, socket } = end
    this.#errors.add('check/unknown-socket', { path, node, socket, rule, value: socket, suggest })
  }

  #missingNode(scope: Scope<S>, end: End): undefined {
    const suggest = () => nearest(end.node, Object.keys(scope.graph.nodes))
    this.#errors.add('check/missing-node', { path: end.path, rule: 'a node that exists', value: end.node, suggest })
    return undefined
  }
}
