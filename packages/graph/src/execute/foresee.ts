/** What a run would do, without running any node: what the cache holds, what would run, and why. */
import type { ResultCache, RunRecord } from '../cache/entry.js'
import type { Plan, PlanNode } from '../check/plan.js'
import { Frontier } from './frontier.js'
import { itemsOutcome, type Outcome, unreachedReport, wholeOutcome } from './outcome.js'
import { type Prepared, prepare } from './prepared.js'
import { explainRun } from './report.js'
import { targetsOf } from './targets.js'
import { identify, type UnitResult, unitTypes } from './unit.js'
import { fingerprintOf, type ValueHost } from './unit-values.js'
import { Values } from './values.js'

export interface Forecast {
  readonly id: string
  readonly type: string
  readonly status: 'would-run' | 'cached' | 'muted' | 'bypassed' | 'not-needed'
  readonly why: readonly string[]
}

export interface ForeseeOptions<S> {
  /** For fingerprints; no node runs. */
  readonly services: S
  readonly cache: ResultCache
  readonly targets?: readonly string[]
  readonly history?: string
}

/**
 * Foretells a run, node by node. A node behind one that would run is told as would-run too, though equal content may
 * keep it cached. Fingerprints are computed, so it may read files.
 */
export async function foresee<S>(plan: Plan<S>, options: ForeseeOptions<S>): Promise<ReadonlyMap<string, Forecast>> {
  const prepared = prepare(plan)
  const frontier = new Frontier(prepared.edges)
  frontier.need(targetsOf(plan, options.targets))
  const previous = await options.cache.recall(options.history ?? plan.name)
  const oracle = new Oracle(plan, { ...options, prepared, previous })
  const forecasts = new Map<string, Forecast>()
  for (const node of plan.nodes) {
    const needed = frontier.isNeeded(node.index)
    forecasts.set(node.id, needed ? await oracle.forecast(node) : (unreachedReport(node, false) as Forecast))
  }
  return forecasts
}

class Oracle<S> implements ValueHost<S> {
  readonly services: S
  readonly values: Values
  readonly #plan: Plan<S>
  readonly #cache: ResultCache
  readonly #prepared: Prepared
  readonly #previous: RunRecord | undefined

  constructor(
    plan: Plan<S>,
    options: ForeseeOptions<S> & { readonly prepared: Prepared; readonly previous: RunRecord | undefined },
  ) {
    this.services = options.services
    this.values = new Values(plan.nodes.length)
    this.#plan = plan
    this.#cache = options.cache
    this.#prepared = options.prepared
    this.#previous = options.previous
  }

  demand(): Promise<void> {
    return Promise.reject(new Error('internal: a fingerprint asked for a lazy input while foreseeing'))
  }

  async forecast(plan: PlanNode<S>): Promise<Forecast> {
    const { id, node } = plan
    const waits = plan.inputs.flatMap(({ name, lazy, sources }) => {
      if (lazy) return []
      const open = sources.filter((source) => source.node >= 0 && !this.values.outputs(source.node))
      return open.map((source) => `input ${name} waits for ${this.#plan.nodes[source.node]!.id}`)
    })
    if (waits.length > 0) return { id, type: node.type, status: 'would-run', why: waits }
    const prepared = this.#prepared.nodes[plan.index]!
    const units = plan.mapped ? Array.from({ length: this.values.itemCount(plan) }, (_, item) => item) : [undefined]
    const results: UnitResult[] = []
    const fingerprints: string[] = []
    for (const item of units) {
      const unit = { plan, prepared, item }
      const fingerprint = await fingerprintOf(this, unit)
      fingerprints.push(fingerprint)
      const identity = identify(this, unit, fingerprint)
      const { key } = identity
      if (key === undefined) continue
      const entry = this.#cache.get(key) ?? (await this.#cache.load?.(key, unitTypes(unit)))
      if (entry) results.push({ entry, tier: 'memory', identity })
    }
    if (results.length === units.length) {
      const outcome: Outcome = plan.mapped ? itemsOutcome(plan, results) : wholeOutcome(results[0]!)
      this.values.put(plan.index, outcome.outputs)
      return { id, type: node.type, status: 'cached', why: [] }
    }
    const digests = plan.inputs.map((input) => (input.lazy ? '' : this.values.inputDigest(input)))
    const { record } = prepared.identify(digests, fingerprints.join('\n').trim())
    return { id, type: node.type, status: 'would-run', why: explainRun(plan, this.#previous?.get(id), record) }
  }
}
