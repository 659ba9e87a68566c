// What a run would do, node by node, found out without running a model or writing a file.
import {
  type Catalogue,
  check,
  DocumentError,
  execute,
  type JsonValue,
  type LoadedWorkflow,
  memoryCache,
  type Node,
  type NodeReport,
  type Param,
  type Port,
  type ResultCache,
  type SocketType,
} from '@dreamgraph/graph'
import { describeValue } from './describe-value.js'
import type { ModelLock } from './model-lock.js'
import type { Services } from './services.js'

export interface NodeForecast extends NodeReport {
  /** What comes out, by output, where it is known: `512×512, 3 channels`. */
  readonly outputs: Readonly<Record<string, JsonValue>>
}

/** What a run would do, and on which model files. */
export interface Forecast {
  readonly nodes: readonly NodeForecast[]
  readonly models: readonly ModelLock[]
}

export interface ForecastOptions {
  readonly catalogue: Catalogue<Services>
  readonly services: Services
  /** Is only read. */
  readonly cache: ResultCache
  readonly inputs?: Readonly<Record<string, JsonValue>>
  readonly targets?: readonly string[]
  readonly signal?: AbortSignal
}

/**
 * Goes through a flow as a run would, but nodes that compute on models or change something are not run: what they would
 * give stays open, and so does all that follows from it. Files are read and models opened, since results hang on their
 * content. Reports of status `ran` mean: would run. Throws as a run does.
 */
export async function forecast(loaded: LoadedWorkflow, options: ForecastOptions): Promise<Forecast> {
  const { catalogue, services, cache, inputs = {}, targets, signal } = options
  const checked = check(loaded.document, shadowCatalogue(catalogue), { inputs })
  if (!checked.ok) {
    const [first, ...rest] = checked.errors
    throw new DocumentError([first!, ...rest])
  }
  const { plan } = checked
  const own = privateCache(cache)
  const { nodes: reports } = await execute(plan, { services, cache: own, targets, signal })
  // Values are kept for targets only, so a second pass over what the first one found names every node as one.
  const reached = plan.nodes.filter(({ id }) => ['ran', 'cached'].includes(reports.get(id)!.status)).map(({ id }) => id)
  const { value } = await execute(plan, { services, cache: own, targets: reached, signal })
  const nodes = plan.nodes.map(({ id, node }) => ({
    ...reports.get(id)!,
    outputs: knownOutputs(node, (output) => value(id, output)),
  }))
  return { nodes, models: services.record.models() }
}

/** The result of a run that did not take place. Each has a digest of its own, so nothing behind it is taken from the cache. */
class Open {
  static #count = 0
  readonly digest = `open-${Open.#count++}`
}

const isOpen = (value: unknown): value is Open =>
  value instanceof Open || (Array.isArray(value) && value.some((item) => item instanceof Open))

/** The same nodes and types, able to carry results that are open. */
function shadowCatalogue(catalogue: Catalogue<Services>): Catalogue<Services> {
  const types = new Map(catalogue.socketTypes.map((type) => [type.name, shadowType(type)]))
  const shadow = (node: Node<Services>): Node<Services> => shadowNode(node, types)
  const nodes = new Map(catalogue.nodes.map((node) => [node.type, shadow(node)]))
  return {
    find: (type) => nodes.get(catalogue.find(type)?.type ?? ''),
    findType: (name) => types.get(name),
    nodes: [...nodes.values()],
    socketTypes: [...types.values()],
  }
}

function shadowType(type: SocketType<unknown>): SocketType<unknown> {
  return {
    ...type,
    digest: (value) => (value instanceof Open ? value.digest : type.digest(value)),
    sizeBytes: (value) => (value instanceof Open ? 0 : type.sizeBytes(value)),
    acceptsFrom: type.acceptsFrom.map(({ from, convert }) => ({
      from,
      convert: (value) => (value instanceof Open ? value : convert(value)),
    })),
  }
}

function shadowNode(node: Node<Services>, types: ReadonlyMap<string, SocketType<unknown>>): Node<Services> {
  const shadowPort = (port: Port<unknown>): Port<unknown> => ({ ...port, type: types.get(port.type.name)! })
  const shadowParam = (param: Param<unknown>): Param<unknown> => ({
    ...param,
    type: types.get(param.type.name)!,
    read: (value) => (value instanceof Open ? { value } : param.read(value)),
  })
  const hangsOnOpen = (args: { inputs: object; params: object }): boolean =>
    [...Object.values(args.inputs), ...Object.values(args.params)].some(isOpen)
  return {
    ...node,
    inputs: mapValues(node.inputs, shadowPort),
    outputs: mapValues(node.outputs, shadowPort),
    params: mapValues(node.params, shadowParam),
    fingerprint: (args) => (hangsOnOpen(args) ? '' : node.fingerprint(args)),
    run: (args) => {
      if (node.resource !== 'gpu' && !node.effect && !hangsOnOpen(args)) return node.run(args)
      return mapValues(node.outputs, ({ list }) => (list ? [new Open()] : new Open()))
    },
  }
}

/** Reads from `cache` and keeps what is new to itself: neither results nor the record of the run may reach other runs. */
function privateCache(cache: ResultCache): ResultCache {
  const own = memoryCache()
  return {
    get: (key) => own.get(key) ?? cache.get(key),
    load: cache.load && ((key, types) => cache.load!(key, types)),
    set: (key, entry, about) => own.set(key, entry, about),
    recall: (history) => cache.recall(history),
    remember() {},
    running: own.running,
  }
}

function knownOutputs(node: Node<Services>, read: (output: string) => unknown): Record<string, JsonValue> {
  const known = Object.keys(node.outputs).flatMap((name) => {
    const value = read(name)
    return value === undefined || isOpen(value) ? [] : [[name, describeValue(value)] as const]
  })
  return Object.fromEntries(known)
}

const mapValues = <V, W>(record: Readonly<Record<string, V>>, change: (value: V) => W): Record<string, W> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]))
