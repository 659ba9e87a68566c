/** One run of one node, or of one item of a mapped node: look it up by key, else run it in a slot of its class. */
import type { CachedOutput, CacheEntry, ResultCache } from '../cache/entry.js'
import { showValue } from '../json.js'
import type { NodeContext } from '../node.js'
import type { ValueType } from '../socket-type.js'
import type { Identity } from './prepared.js'
import { fingerprintOf, runValues, type Unit, type ValueHost } from './unit-values.js'
import { digestOutput } from './values.js'

export interface UnitResult {
  readonly entry: CacheEntry
  /** Undefined: it ran. */
  readonly tier: 'memory' | 'store' | undefined
  readonly identity: UnitIdentity
}

/** An item has a key but no record: explanations are per node. */
export interface UnitIdentity extends Pick<Identity, 'key' | 'fingerprint'> {
  readonly record?: Identity['record']
}

/** What a unit needs from the execution around it. */
export interface UnitHost<S> extends ValueHost<S> {
  readonly cache: ResultCache
  readonly signal: AbortSignal
  /** `signal.aborted`, but cheap to ask. */
  readonly stopped: boolean
  context(unit: Unit<S>): NodeContext
  /** Told just before the node's own code starts. */
  started(unit: Unit<S>): void
  /** Cache writes that the execution waits for at its end. */
  pendingWrite(write: Promise<void>): void
}

type Eventually<T> = T | Promise<T>

/** Runs a unit. Returns without a promise when nothing had to wait: thousands of small nodes then cost no event loop turns. */
export function runUnit<S>(host: UnitHost<S>, unit: Unit<S>): Eventually<UnitResult> {
  const fingerprint = fingerprintOf(host, unit)
  return fingerprint instanceof Promise
    ? fingerprint.then((text) => look(host, unit, text))
    : look(host, unit, fingerprint)
}

function look<S>(host: UnitHost<S>, unit: Unit<S>, fingerprint: string): Eventually<UnitResult> {
  const identity = identify(host, unit, fingerprint)
  const { key } = identity
  if (key === undefined) return compute(host, unit, identity)
  const { cache } = host
  const entry = cache.get(key)
  if (entry) return { entry, tier: 'memory', identity }
  if (cache.running.has(key) || cache.load) return lookLonger(host, unit, { key, identity })
  return announce(host, key, compute(host, unit, identity))
}

/** Key and record of a unit, from the digests of what is fed to it. */
function identify<S>(
  { values }: Pick<UnitHost<S>, 'values'>,
  { plan, prepared, item }: Unit<S>,
  fingerprint: string,
): UnitIdentity {
  const digests = plan.inputs.map((input) => (input.lazy ? '' : values.inputDigest(input, item)))
  if (item === undefined) return prepared.identify(digests, fingerprint)
  return { key: prepared.cacheable ? prepared.keyOf(digests, fingerprint) : undefined, fingerprint }
}

interface Keyed {
  readonly key: string
  readonly identity: UnitIdentity
}

/** Waits for equal work in flight, asks the slower tier, and runs only then. */
async function lookLonger<S>(host: UnitHost<S>, unit: Unit<S>, { key, identity }: Keyed): Promise<UnitResult> {
  const { cache, signal } = host
  for (let other = cache.running.get(key); other; other = cache.running.get(key)) {
    const entry = await untilAborted(other, signal)
    if (entry) return { entry, tier: 'memory', identity }
  }
  return announce(host, key, loadOrCompute(host, unit, { key, identity }))
}

async function loadOrCompute<S>(host: UnitHost<S>, unit: Unit<S>, { key, identity }: Keyed): Promise<UnitResult> {
  const entry = await host.cache.load?.(key, unitTypes(unit))
  return entry ? { entry, tier: 'store', identity } : compute(host, unit, identity)
}

/** Lets others wait for this result instead of computing it again. */
function announce<S>(host: UnitHost<S>, key: string, result: Eventually<UnitResult>): Eventually<UnitResult> {
  if (!(result instanceof Promise)) return result
  const { running } = host.cache
  const outcome = result.then(
    ({ entry }) => entry,
    () => undefined, // who waited runs it himself; the error belongs to this run
  )
  running.set(key, outcome)
  void outcome.then(() => {
    if (running.get(key) === outcome) running.delete(key)
  })
  return result
}

function compute<S>(host: UnitHost<S>, unit: Unit<S>, identity: UnitIdentity): Eventually<UnitResult> {
  if (host.stopped) throw host.signal.reason
  const { slots, plan } = unit
  const { resource } = plan.node
  // A node that demands others while it runs must not hold the slot that they need.
  if (unit.prepared.hasLazy) return invoke(host, unit, identity, () => {})
  const release = (): void => slots.release(resource)
  if (slots.take(resource)) return invoke(host, unit, identity, release)
  return slots.wait(resource).then(() => invoke(host, unit, identity, release))
}

function invoke<S>(
  host: UnitHost<S>,
  unit: Unit<S>,
  identity: UnitIdentity,
  release: () => void,
): Eventually<UnitResult> {
  let returned: Eventually<Readonly<Record<string, unknown>>>
  try {
    if (host.stopped) throw host.signal.reason // stopped while it waited for its slot
    const { inputs, params } = runValues(host, unit)
    host.started(unit)
    returned = unit.plan.node.run({ inputs, params, ctx: host.context(unit), services: host.services })
  } catch (error) {
    release()
    throw error
  }
  if (!(returned instanceof Promise)) {
    release()
    return keep(host, unit, identity, returned, false)
  }
  return returned.then((outputs) => keep(host, unit, identity, outputs, true)).finally(release)
}

/** Digests the outputs and hands them to the cache. */
function keep<S>(
  host: UnitHost<S>,
  unit: Unit<S>,
  identity: UnitIdentity,
  returned: Readonly<Record<string, unknown>>,
  costly: boolean,
): UnitResult {
  const types = unitTypes(unit)
  const { key } = identity
  const outputs: Record<string, CachedOutput> = {}
  let sizeBytes = 0
  for (const name of Object.keys(types)) {
    const type = types[name]!
    const value = returned && Object.hasOwn(returned, name) ? returned[name] : undefined
    if (value === undefined || (type.list && !Array.isArray(value))) {
      throw new Error(`internal: ${unit.plan.node.type} returned ${showValue(value)} as output "${name}"`)
    }
    outputs[name] = digestOutput(value, type)
    if (!type.list) sizeBytes += type.type.sizeBytes(value)
    else for (const item of value as readonly unknown[]) sizeBytes += type.type.sizeBytes(item)
  }
  const entry = { outputs, sizeBytes }
  if (key !== undefined) {
    const write = host.cache.set(key, entry, { types, costly })
    if (write) host.pendingWrite(write)
  }
  return { entry, tier: undefined, identity }
}

/** What one run returns: the declared outputs, before mapping makes lists of them. */
function unitTypes<S>({ plan, prepared }: Unit<S>): Readonly<Record<string, ValueType>> {
  if (!plan.mapped) return plan.outputs
  prepared.itemTypes ??= Object.fromEntries(
    Object.entries(plan.outputs).map(([name, { type }]) => [name, { type, list: false }]),
  )
  return prepared.itemTypes
}

/** Another run's promise, given up when this run stops. */
function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason)
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, { once: true })
    void promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}
