/** Types along the links: conversions, lists that map, bypassed and muted nodes — and from all that the plan's nodes. */
import type { Node } from '../node.js'
import type { Port } from '../port.js'
import { conversion, type SocketType, typeName, type ValueType } from '../socket-type.js'
import { type FlatNode, nodePath } from './expand.js'
import type { PlanInput, PlanNode, PlanSource } from './plan.js'
import type { Problems } from './problems.js'
import type { Feed } from './wire.js'

/** What an output offers: a source with its list length where known; 'unknown' after an error; or why it has no value. */
export type Offer =
  | { readonly source: PlanSource; readonly type: ValueType; readonly length: number | undefined }
  | { readonly absent: string; readonly impossible?: true }
  | 'unknown'

interface InferOptions {
  /** Number of flat nodes. */
  readonly count: number
  readonly feeds: readonly (Map<string, Feed[]> | undefined)[]
  readonly params: readonly Record<string, unknown>[]
  readonly errors: Problems
  readonly warnings: Problems
}

type Typed<S> = FlatNode<S> & { readonly node: Node<S> }

interface Wanted {
  readonly kind: 'input' | 'param'
  readonly name: string
  readonly type: SocketType<unknown>
  readonly list: boolean
  readonly many: boolean
  readonly lazy: boolean
  readonly required: boolean
}

/** Visits nodes in topological order and makes plan nodes of them. */
export class Inference<S> {
  readonly planNodes: PlanNode<S>[] = []
  readonly #offers: (Map<string, Offer> | undefined)[]
  readonly #options: InferOptions
  readonly #wanted = new WeakMap<object, readonly Wanted[]>()

  constructor(options: InferOptions) {
    this.#options = options
    this.#offers = new Array(options.count)
  }

  /** What output `name` of flat node `index` offers; the node must have been visited. */
  offer(index: number, name: string): Offer {
    return this.#offers[index]?.get(name) ?? 'unknown'
  }

  visit(flat: FlatNode<S>): void {
    const offers = new Map<string, Offer>()
    this.#offers[flat.index] = offers
    if (!flat.node) return
    const typed = flat as Typed<S>
    const { node } = typed
    const lengths: Lengths = { mapped: false, unknown: false, known: undefined }
    const inputs: PlanInput[] = []
    let reason = flat.mode === 'mute' ? 'muted' : undefined
    for (const wanted of this.#wantedOf(node)) {
      const feeds = this.#options.feeds[flat.index]?.get(wanted.name)
      if (!feeds) {
        if (flat.mode === 'run') this.#completeUnfed(typed, wanted)
        continue
      }
      const { input, absent } = this.#input(typed, wanted, feeds, lengths)
      if (input) inputs.push(input)
      else if (absent !== undefined && wanted.required && flat.mode === 'run') reason ??= absent
    }
    this.#finish(typed, { inputs, reason, lengths, offers })
  }

  #finish(
    flat: Typed<S>,
    {
      inputs,
      reason,
      lengths,
      offers,
    }: { inputs: PlanInput[]; reason: string | undefined; lengths: Lengths; offers: Map<string, Offer> },
  ): void {
    const { node } = flat
    const index = this.planNodes.length
    const { mapped } = lengths
    const outputs: Record<string, ValueType> = {}
    for (const name of Object.keys(node.outputs)) {
      const port = node.outputs[name]!
      if (mapped && port.list && flat.mode === 'run') {
        const at = { path: nodePath(flat), node: flat.id, socket: name }
        const rule = 'single values at the inputs, for its output already is a list'
        this.#options.errors.add('check/nested-list', { ...at, rule, value: 'a list' })
      }
      const type = { type: port.type, list: mapped || port.list === true }
      outputs[name] = type
      if (reason !== undefined) offers.set(name, { absent: flat.id })
      else if (flat.mode === 'bypass') offers.set(name, this.#bypassOffer(flat, name))
      else {
        const length = mapped && !lengths.unknown ? (lengths.known ?? 1) : undefined
        offers.set(name, { source: { node: index, output: name, from: type }, type, length })
      }
    }
    if (reason !== undefined && reason !== 'muted') {
      const rule = 'inputs from nodes that run'
      this.#options.warnings.add('check/muted-source', { path: nodePath(flat), node: flat.id, rule, value: reason })
    }
    this.planNodes.push({
      index,
      id: flat.id,
      node,
      state: reason !== undefined ? 'muted' : flat.mode === 'bypass' ? 'bypassed' : 'run',
      ...(reason !== undefined && { reason }),
      params: this.#options.params[flat.index]!,
      inputs,
      mapped,
      outputs,
    })
  }

  /** Sources of one input. `absent` names a muted node when nothing remains. */
  #input(
    flat: Typed<S>,
    wanted: Wanted,
    feeds: readonly Feed[],
    lengths: Lengths,
  ): { input?: PlanInput; absent?: string } {
    const sorted = feeds.length > 1 ? feeds.toSorted((a, b) => a.order - b.order) : feeds
    const sources: PlanSource[] = []
    let absent: string | undefined
    let maps = false
    for (const feed of sorted) {
      const offer = this.#offerOf(feed)
      if (offer === 'unknown') continue
      if ('absent' in offer) {
        absent = offer.absent
        if (offer.impossible) {
          const rule = `an output that one of its inputs can stand in for, as ${offer.absent} is bypassed`
          const at = { path: feed.path, node: flat.id, socket: wanted.name }
          this.#options.errors.add('check/bypass-impossible', { ...at, rule, value: feed.output })
        }
        continue
      }
      const converted = this.#convert(flat, wanted, feed, offer)
      if (!converted) continue
      sources.push(converted)
      if (offer.type.list && !wanted.list && !wanted.many) {
        maps = true
        this.#meet(flat, wanted, feed, offer.length, lengths)
      }
    }
    if (sources.length === 0) return { absent }
    const { name, kind, many, list } = wanted
    // A lazy input that maps is evaluated first: how often the node runs depends on it.
    return { input: { name, kind, many, list, maps, lazy: wanted.lazy && !maps, sources } }
  }

  #offerOf(feed: Feed): Offer {
    if (feed.from >= 0) return this.offer(feed.from, feed.output)
    if (!feed.given) return 'unknown'
    const { value, type } = feed.given
    const length = type.list ? (value as unknown[]).length : undefined
    return { source: { node: -1, output: feed.output, value, from: type }, type, length }
  }

  #convert(
    flat: Typed<S>,
    wanted: Wanted,
    feed: Feed,
    offer: { source: PlanSource; type: ValueType },
  ): PlanSource | undefined {
    const step = conversion(offer.type.type, wanted.type)
    if (step === undefined || (wanted.list && !wanted.many && !offer.type.list)) {
      this.#options.errors.add('check/type-mismatch', {
        path: feed.path,
        node: flat.id,
        [wanted.kind === 'input' ? 'socket' : 'param']: wanted.name,
        rule: typeName(wanted),
        value: typeName(offer.type),
        suggest: () => acceptingSocket(flat.node, wanted.name, offer.type.type),
      })
      return undefined
    }
    if (step === 'same') return offer.source
    const before = offer.source.convert
    return { ...offer.source, convert: before ? (value) => step(before(value)) : step }
  }

  /** Lists that meet at a node are zipped; a list of length 1 goes with any other. */
  #meet(flat: Typed<S>, wanted: Wanted, feed: Feed, length: number | undefined, lengths: Lengths): void {
    lengths.mapped = true
    if (length === undefined) lengths.unknown = true
    else if (length !== 1) {
      if (lengths.known !== undefined && lengths.known !== length && flat.mode === 'run') {
        const rule = `a list of length ${lengths.known} or 1, as it is zipped with another list`
        const at = { path: feed.path, node: flat.id, socket: wanted.name }
        this.#options.errors.add('check/list-lengths', { ...at, rule, value: length })
      }
      lengths.known ??= length
    }
  }

  #bypassOffer(flat: Typed<S>, output: string): Offer {
    const input = Object.hasOwn(flat.node.bypass, output) ? flat.node.bypass[output] : undefined
    const feed = input === undefined ? undefined : this.#options.feeds[flat.index]?.get(input)?.[0]
    if (input === undefined) return { absent: flat.id, impossible: true }
    if (!feed) return { absent: flat.id }
    const offer = this.#offerOf(feed)
    if (offer === 'unknown' || 'absent' in offer) return offer
    const port = flat.node.inputs[input]!
    const wanted = { ...offer.type, type: port.type }
    const step = conversion(offer.type.type, port.type)
    if (step === undefined) return 'unknown'
    const before = offer.source.convert
    const convert = step === 'same' ? before : before ? (value: unknown) => step(before(value)) : step
    return { source: { ...offer.source, ...(convert && { convert }) }, type: wanted, length: offer.length }
  }

  /** A socket or param that nothing feeds: its default, or an error. */
  #completeUnfed(flat: Typed<S>, wanted: Wanted): void {
    const { name, kind } = wanted
    const { errors, params } = this.#options
    if (kind === 'param') {
      const values = params[flat.index]!
      if (Object.hasOwn(values, name) || Object.hasOwn((flat.entry.params as object | undefined) ?? {}, name)) return
      const { defaultValue } = flat.node.params[name]!
      if (defaultValue !== undefined) values[name] = defaultValue
      else {
        const rule = `a value (${wanted.type.name}); the param has no default`
        errors.add('check/missing-param', {
          path: nodePath(flat, 'params'),
          node: flat.id,
          param: name,
          rule,
          value: undefined,
        })
      }
    } else if (wanted.required) {
      const rule = `a link of type ${typeName(wanted)}`
      errors.add('check/missing-input', { path: nodePath(flat), node: flat.id, socket: name, rule, value: undefined })
    }
  }

  /** Inputs and params of a node type in one list; made once per type. */
  #wantedOf(node: Node<S>): readonly Wanted[] {
    const known = this.#wanted.get(node)
    if (known) return known
    const inputs = Object.entries(node.inputs).map(([name, port]) => wantedInput(name, port))
    const params = Object.entries(node.params).map(([name, { type }]): Wanted => {
      return { kind: 'param', name, type, list: false, many: false, lazy: false, required: true }
    })
    const wanted = [...inputs, ...params]
    this.#wanted.set(node, wanted)
    return wanted
  }
}

interface Lengths {
  mapped: boolean
  unknown: boolean
  /** The one length other than 1, where known. */
  known: number | undefined
}

function wantedInput(name: string, { type, list, many, lazy, optional }: Port<unknown>): Wanted {
  return {
    kind: 'input',
    name,
    type,
    list: list === true,
    many: many === true,
    lazy: lazy === true,
    required: !optional,
  }
}

/** Another input of the node that would take the type: the likely meaning of a wrong link. */
function acceptingSocket<S>(node: Node<S>, except: string, type: SocketType<unknown>): string | undefined {
  return Object.entries(node.inputs).find(
    ([name, port]) => name !== except && conversion(type, port.type) !== undefined,
  )?.[0]
}
