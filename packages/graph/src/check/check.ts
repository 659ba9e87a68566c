/** The checker: a document and a catalogue become a typed plan, or all errors at once. */
import type { Catalogue } from '../catalogue.js'
import { pointer } from '../document/pointer.js'
import type { Workflow } from '../document/schema.js'
import type { Problem } from '../errors.js'
import type { Node } from '../node.js'
import { typeName } from '../socket-type.js'
import { nearest } from '../suggest.js'
import { expand, type FlatNode, nodePath, type Scope } from './expand.js'
import { applyGiven } from './given.js'
import { Inference } from './infer.js'
import { order } from './order.js'
import { readParams } from './params.js'
import type { Plan, PlanOutput } from './plan.js'
import { Problems } from './problems.js'
import { parseTypeName } from './type-name.js'
import { Wiring } from './wire.js'

export interface CheckOptions {
  /** Values of declared inputs by name: JSON, or values in memory for types that take them. */
  readonly inputs?: Readonly<Record<string, unknown>>
  /** Bound on nodes after expansion of components; default 200 000. */
  readonly maxNodes?: number
}

export type CheckResult<S> =
  | { readonly ok: true; readonly plan: Plan<S>; readonly warnings: readonly Problem[] }
  | { readonly ok: false; readonly errors: readonly Problem[]; readonly warnings: readonly Problem[] }

/** Checks a workflow. Pure and deterministic; never throws for what a document can contain. */
export function check<S>(document: Workflow, catalogue: Catalogue<S>, options: CheckOptions = {}): CheckResult<S> {
  const errors = new Problems()
  const warnings = new Problems()
  const expansion = expand(document, catalogue, { maxNodes: options.maxNodes ?? 200_000, errors, warnings })
  const { top, scopes, nodes } = expansion
  const params = nodes.map((flat) => (hasNode(flat) ? readParams(flat, errors, warnings) : {}))
  const wiring = new Wiring(expansion, errors)
  for (const scope of scopes) applyGiven(scope, { catalogue, wiring, inputs: options.inputs ?? {}, params, errors })

  const sorted = order(nodes.length, wiring.edges)
  if ('cycle' in sorted) {
    const ids = sorted.cycle.map((index) => nodes[index]!.id)
    const at = { path: nodePath(nodes[sorted.cycle[0]!]!), node: ids[0]! }
    errors.add('check/cycle', { ...at, rule: 'links without a cycle', value: ids.join(' → ') })
    return { ok: false, errors: errors.list, warnings: warnings.list }
  }
  const inference = new Inference<S>({ count: nodes.length, feeds: wiring.feeds, params, errors, warnings })
  for (const index of sorted.order) inference.visit(nodes[index]!)

  const outputs = declaredOutputs(top, { catalogue, wiring, inference, errors, warnings })
  if (errors.list.length > 0) return { ok: false, errors: errors.list, warnings: warnings.list }
  const plan: Plan<S> = { name: document.name ?? '', nodes: inference.planNodes, outputs }
  warnUnused(plan, new Map(nodes.map((flat) => [flat.id, flat])), warnings)
  return { ok: true, plan, warnings: warnings.list }
}

function hasNode<S>(flat: FlatNode<S>): flat is FlatNode<S> & { readonly node: Node<S> } {
  return flat.node !== undefined
}

function declaredOutputs<S>(
  top: Scope<S>,
  tools: { catalogue: Catalogue<S>; wiring: Wiring<S>; inference: Inference<S>; errors: Problems; warnings: Problems },
): PlanOutput[] {
  const { catalogue, wiring, inference, errors, warnings } = tools
  const outputs: PlanOutput[] = []
  for (const [name, { type: declared, from, title }] of Object.entries(top.graph.outputs ?? {})) {
    const path = pointer('outputs', name)
    const type = parseTypeName(declared, catalogue)
    if (!type) {
      const rule = 'a socket type, or list<type>'
      const suggest = () =>
        nearest(
          declared,
          catalogue.socketTypes.map((known) => known.name),
        )
      errors.add('check/unknown-socket-type', { path: `${path}/type`, rule, value: declared, suggest })
    }
    const end = wiring.source(top, { ...from, path: `${path}/from` })
    if (!end || !type) continue
    const offer = inference.offer(end.flat.index, end.output)
    if (offer === 'unknown') continue
    if ('absent' in offer) {
      warnings.add('check/output-missing', { path, rule: 'an output of a node that runs', value: offer.absent })
      outputs.push({ name, title, type, reason: offer.absent })
      continue
    }
    if (typeName(offer.type) !== declared) {
      const rule = `the type of its source ${end.flat.id}.${end.output}, ${typeName(offer.type)}`
      errors.add('check/declared-type', {
        path: `${path}/type`,
        rule,
        value: declared,
        suggest: () => typeName(offer.type),
      })
    }
    outputs.push({ name, title, type, source: offer.source })
  }
  return outputs
}

/** What a default run would not touch: neither an output, an effect, nor needed by one. Nothing is unused without those. */
function warnUnused<S>({ nodes, outputs }: Plan<S>, flats: ReadonlyMap<string, FlatNode<S>>, warnings: Problems): void {
  const needed = new Set(outputs.map(({ source }) => source?.node ?? -1))
  for (const { index, node } of nodes) if (node.effect) needed.add(index)
  needed.delete(-1)
  if (needed.size === 0) return
  for (const { index, inputs } of nodes.toReversed()) {
    if (!needed.has(index)) continue
    for (const { sources } of inputs) for (const source of sources) needed.add(source.node)
  }
  for (const { index, id, state } of nodes) {
    if (needed.has(index) || state !== 'run') continue
    const rule = 'a way from the node to an output or to a node with an effect'
    warnings.add('check/unused-node', { path: nodePath(flats.get(id)!), node: id, rule, value: undefined })
  }
}
