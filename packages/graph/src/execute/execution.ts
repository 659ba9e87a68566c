/** One execution: which nodes are needed, in what order they become ready, and what became of each. */
import type { ResultCache, RunRecord } from '../cache/entry.js'
import type { Plan, PlanInput, PlanNode } from '../check/plan.js'
import type { NodeContext } from '../node.js'
import type { EventBody, ExecutionEvent, ItemPosition } from './events.js'
import { NodeFailed, RunCancelled } from './failure.js'
import { Frontier } from './frontier.js'
import { Ledger } from './ledger.js'
import { hasRun, itemsOutcome, type Outcome, wholeOutcome } from './outcome.js'
import { type Prepared, prepare } from './prepared.js'
import type { NodeReport } from './report.js'
import { type ResourceLimits, SharedSlot, Slots } from './slots.js'
import { runUnit, type UnitHost, type UnitResult } from './unit.js'
import type { Unit } from './unit-values.js'
import { Values } from './values.js'

export interface ExecutionOptions<S> {
  readonly services: S
  readonly cache: ResultCache
  readonly signal?: AbortSignal
  readonly onEvent?: (event: ExecutionEvent) => void
  readonly wantsPreview?: (kind: string) => boolean
  readonly limits?: Partial<ResourceLimits>
  readonly now?: () => number
  readonly previous: RunRecord | undefined
}

/** Work in a row before the event loop gets a turn, so that a cancel and other work come through: 2048 runs, or 16384 cached nodes. */
const workPerTurn = 16384
const workPerRun = 8

export class Execution<S> implements UnitHost<S> {
  readonly services: S
  readonly cache: ResultCache
  readonly values: Values
  readonly ledger: Ledger
  stopped = false

  readonly #slots: Slots
  readonly #plan: Plan<S>
  readonly #prepared: Prepared
  readonly #options: ExecutionOptions<S>
  readonly #controller = new AbortController()
  readonly #frontier: Frontier
  readonly #startedAt: (number | undefined)[]
  /** Who asked for a lazy input, by the node it hangs on. */
  readonly #waiters = new Map<number, { resolve: () => void; reject: (reason: unknown) => void }[]>()
  readonly #writes: Promise<void>[] = []
  /** What every node gets while nobody listens. */
  readonly #quietContext: NodeContext = {
    signal: this.#controller.signal,
    items: 1,
    progress: () => {},
    preview: () => {},
    wantsPreview: () => false,
  }
  readonly #drop = (node: number): void => this.values.drop(node)
  /** Nodes that wait for something, and a turn of the event loop that was asked for. */
  #active = 0
  #seq = 0
  #turn = workPerTurn
  #pumping = false
  #concluded = false
  #failure: { readonly index: number; readonly item?: number; readonly cause: unknown } | undefined
  #listenerError: { readonly error: unknown } | undefined
  #settle: (() => void) | undefined

  constructor(plan: Plan<S>, options: ExecutionOptions<S>) {
    const count = plan.nodes.length
    this.services = options.services
    this.cache = options.cache
    this.#slots = new Slots(options.limits)
    this.values = new Values(count)
    this.#plan = plan
    this.#prepared = prepare(plan)
    this.#options = options
    this.#frontier = new Frontier(this.#prepared.edges)
    this.ledger = new Ledger(options.previous, this.#prepared, this.values)
    this.#startedAt = new Array(count)
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** Runs what `targets` need and keeps their values. Resolves when nothing runs any more; throws NodeFailed or RunCancelled. */
  async run(targets: readonly number[]): Promise<ReadonlyMap<string, NodeReport>> {
    const { signal } = this.#options
    const cancel = (): void => this.#stop(signal!.reason)
    signal?.addEventListener('abort', cancel, { once: true })
    try {
      for (const target of targets) this.#frontier.keep(target)
      this.#frontier.need(targets)
      this.#emit({ type: 'run-started', nodes: this.#frontier.neededCount })
      if (signal?.aborted) cancel()
      await new Promise<void>((resolve) => {
        this.#settle = resolve
        this.#pump()
      })
      await Promise.all(this.#writes)
    } finally {
      signal?.removeEventListener('abort', cancel)
    }
    return this.#conclude()
  }

  context(unit: Unit<S>): NodeContext {
    const items = unit.item === undefined ? 1 : this.values.itemCount(unit.plan)
    if (!this.#options.onEvent) return items === 1 ? this.#quietContext : { ...this.#quietContext, items }
    const { signal } = this
    const node = unit.plan.id
    const item = this.#position(unit)
    return {
      signal,
      items,
      progress: (amount, total, label) => this.#emit({ type: 'node-progress', node, item, done: amount, total, label }),
      preview: (preview) => this.#emit({ type: 'node-preview', node, item, preview }),
      wantsPreview: (kind) => this.#wantsPreview(kind),
    }
  }

  started({ plan }: Unit<S>): void {
    const { now, onEvent } = this.#options
    if (!now && !onEvent) return
    if (this.#startedAt[plan.index] !== undefined) return
    this.#startedAt[plan.index] = now?.() ?? 0
    this.#emit({ type: 'node-started', node: plan.id })
  }

  async demand({ sources }: PlanInput): Promise<void> {
    const open = sources.filter(({ node }) => node >= 0 && !this.#frontier.isDone(node)).map(({ node }) => node)
    if (open.length === 0) return
    if (this.stopped) throw this.signal.reason
    const arrivals = open.map(
      (node) =>
        new Promise<void>((resolve, reject) => {
          const waiters = this.#waiters.get(node)
          if (waiters) waiters.push({ resolve, reject })
          else this.#waiters.set(node, [{ resolve, reject }])
        }),
    )
    this.#frontier.need(open)
    this.#pump()
    await Promise.all(arrivals)
  }

  pendingWrite(write: Promise<void>): void {
    this.#writes.push(write)
  }

  /** Starts ready nodes until none is left, the run is stopped or the event loop is due. Not re-entered by nodes that run meanwhile. */
  #pump(): void {
    if (this.#pumping) return
    this.#pumping = true
    while (this.#frontier.hasReady && !this.stopped && this.#turn > 0) {
      this.#turn--
      this.#start(this.#frontier.takeReady())
    }
    this.#pumping = false
    if (this.#turn <= 0 && this.#frontier.hasReady && !this.stopped) this.#breathe()
    else if (this.#active === 0) this.#settle?.()
  }

  /** Lets timers, sockets and a cancel come through, then goes on. */
  #breathe(): void {
    this.#active++
    setTimeout(() => {
      this.#active--
      this.#turn = workPerTurn
      this.#pump()
    }, 0)
  }

  /** Runs a node; one that has nothing to wait for is finished on return, without a promise. */
  #start(index: number): void {
    const plan = this.#plan.nodes[index]!
    try {
      const outcome = plan.mapped ? this.#runItems(plan) : this.#runWhole(plan)
      if (!(outcome instanceof Promise)) {
        this.#finish(index, outcome)
        return
      }
      this.#active++
      outcome
        .then((result) => this.#finish(index, result))
        .catch((error) => this.#fail(index, error))
        .finally(() => {
          this.#active--
          this.#turn = workPerTurn
          this.#pump()
        })
    } catch (error) {
      this.#fail(index, error)
    }
  }

  #runWhole(plan: PlanNode<S>): Outcome | Promise<Outcome> {
    const prepared = this.#prepared.nodes[plan.index]!
    const result = runUnit(this, { plan, prepared, item: undefined, slots: this.#slots })
    return result instanceof Promise ? result.then(wholeOutcome) : wholeOutcome(result)
  }

  /** Runs all items, as many at once as the slots allow, and waits for every one even after a failure. */
  #runItems(plan: PlanNode<S>): Outcome | Promise<Outcome> {
    const count = this.values.itemCount(plan)
    const prepared = this.#prepared.nodes[plan.index]!
    const { together } = plan.node
    const slots = together > 1 ? new SharedSlot(this.#slots, together) : this.#slots
    const results: UnitResult[] = []
    const waiting: Promise<void>[] = []
    const take = (item: number, result: UnitResult): void => {
      results[item] = result
      const cached = result.tier !== undefined
      this.#emit({ type: 'item-finished', node: plan.id, item: { index: item, count }, cached })
    }
    for (let item = 0; item < count; item++) {
      if (this.stopped) break
      try {
        const result = runUnit(this, { plan, prepared, item, slots })
        if (!(result instanceof Promise)) take(item, result)
        else {
          waiting.push(result.then((value) => take(item, value)).catch((error) => this.#fail(plan.index, error, item)))
        }
      } catch (error) {
        this.#fail(plan.index, error, item)
      }
    }
    const gather = (): Outcome => {
      if (this.stopped) throw this.signal.reason
      return itemsOutcome(plan, results)
    }
    return waiting.length > 0 ? Promise.all(waiting).then(gather) : gather()
  }

  /** Takes in a node's outputs, reports it, and lets go of values that were only kept for it. */
  #finish(index: number, outcome: Outcome): void {
    const plan = this.#plan.nodes[index]!
    this.#turn -= outcome.ran * workPerRun
    this.values.put(index, outcome.outputs)
    const { now, onEvent } = this.#options
    const startedAt = this.#startedAt[index]
    const durationMs = now && startedAt !== undefined ? now() - startedAt : undefined
    const report = this.ledger.finished(plan, outcome, durationMs)
    if (onEvent) this.#emit({ type: hasRun(outcome) ? 'node-finished' : 'node-cached', node: plan.id, report })
    this.#frontier.finish(index)
    if (this.#prepared.hasLazy) {
      for (const { resolve } of this.#waiters.get(index) ?? []) resolve()
      this.#waiters.delete(index)
      return
    }
    this.#frontier.release(index, this.#drop)
  }

  /** The first failure stops the run; what fails after that was stopped. */
  #fail(index: number, cause: unknown, item?: number): void {
    const plan = this.#plan.nodes[index]!
    if (this.stopped) {
      this.ledger.stopped(plan)
      return
    }
    this.#failure = { index, item, cause }
    this.ledger.failed(plan, cause instanceof Error ? cause.message : String(cause))
    this.#stop(cause)
    this.#emit({
      type: 'node-failed',
      node: plan.id,
      ...(item !== undefined && { item: this.#item(index, item) }),
      error: cause,
    })
  }

  /** Nothing starts from here on; what runs sees the signal and is waited for. */
  #stop(reason: unknown): void {
    if (this.stopped) return
    this.stopped = true
    this.#controller.abort(reason)
    this.#slots.close(reason)
    for (const waiters of this.#waiters.values()) for (const { reject } of waiters) reject(reason)
    this.#waiters.clear()
    if (this.#active === 0 && !this.#pumping) this.#settle?.()
  }

  #conclude(): ReadonlyMap<string, NodeReport> {
    const stopped = this.stopped
    const reports = this.ledger.reports(this.#plan.nodes, (index) => this.#frontier.isNeeded(index))
    const outcome = this.#failure ? 'failed' : stopped ? 'cancelled' : 'done'
    this.#emit({ type: 'run-finished', outcome })
    this.#concluded = true
    if (this.#listenerError) throw this.#listenerError.error
    if (this.#failure) {
      const { index, item, cause } = this.#failure
      const { id, node } = this.#plan.nodes[index]!
      throw new NodeFailed({ node: id, nodeType: node.type, item, reports }, cause)
    }
    if (stopped) throw new RunCancelled(reports, this.signal.reason)
    return reports
  }

  #position({ plan, item }: Unit<S>): ItemPosition | undefined {
    return item === undefined ? undefined : this.#item(plan.index, item)
  }

  #item(index: number, item: number): ItemPosition {
    return { index: item, count: this.values.itemCount(this.#plan.nodes[index]!) }
  }

  #emit(body: EventBody): void {
    const { onEvent } = this.#options
    if (!onEvent || this.#concluded) return // a node may still talk after its end
    this.#callBack(() => onEvent({ seq: ++this.#seq, ...body }))
  }

  #wantsPreview(kind: string): boolean {
    const { wantsPreview } = this.#options
    if (!wantsPreview || this.#concluded) return false
    return this.#callBack(() => wantsPreview(kind)) ?? false
  }

  /** The caller's own code. Where it breaks: stop, and give the error back as it is. */
  #callBack<T>(call: () => T): T | undefined {
    try {
      return call()
    } catch (error) {
      this.#listenerError ??= { error }
      this.#stop(error)
      return undefined
    }
  }
}
