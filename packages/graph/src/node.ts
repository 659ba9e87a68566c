/** `defineNode`: one declaration per node; inputs, params and outputs of `run` are inferred from it. */
import type { JsonObject, JsonValue } from './json.js'
import type { Param } from './param.js'
import type { Port } from './port.js'

export type Ports = Readonly<Record<string, Port<unknown>>>
export type Params = Readonly<Record<string, Param<unknown>>>

/** What a node occupies while it runs; the executor limits how many of a class run at once. */
export type ResourceClass = 'cpu' | 'gpu' | 'io'

/** A picture, a curve, a line of text…: `kind` tells the viewer what else is in it. */
export interface Preview {
  readonly kind: string
  readonly [key: string]: unknown
}

/** All that a running node knows of its surroundings. */
export interface NodeContext {
  readonly signal: AbortSignal
  /** Items of the mapped run that this is one of; 1 where the node runs once. */
  readonly items: number
  /** `done` of `total` units, in any unit. */
  readonly progress: (done: number, total: number, label?: string) => void
  readonly preview: (value: Preview) => void
  /** Whether anybody looks at previews of this kind now: ask before making one that costs something. */
  readonly wantsPreview: (kind: string) => boolean
}

type ValuesOf<M> = { -readonly [K in keyof M]: M[K] extends Port<infer V> ? V : never }
type ParamValuesOf<M> = { -readonly [K in keyof M]: M[K] extends Param<infer V> ? V : never }

export interface RunArguments<S, I, P> {
  readonly inputs: ValuesOf<I>
  readonly params: ParamValuesOf<P>
  readonly ctx: NodeContext
  readonly services: S
}

export interface FingerprintArguments<S, I, P> {
  readonly inputs: ValuesOf<I>
  readonly params: ParamValuesOf<P>
  readonly services: S
}

/** Brings the params of version n to version n + 1. */
export type ParamMigration = (params: JsonObject) => { readonly [key: string]: JsonValue }

/** A node type. Defaults are filled in; names are checked. */
export interface Node<S, I extends Ports = Ports, P extends Params = Params, O extends Ports = Ports> {
  readonly type: string
  readonly version: number
  readonly title: string
  readonly description: string
  readonly category: string
  readonly inputs: I
  readonly params: P
  readonly outputs: O
  readonly resource: ResourceClass
  readonly together: number
  readonly effect: boolean
  readonly volatile: boolean
  /** Output → the input that stands in for it when the node is bypassed. */
  readonly bypass: Readonly<Record<string, string>>
  readonly migrate: Readonly<Record<number, ParamMigration>>
  readonly aliases: readonly string[]
  readonly hasFingerprint: boolean
  fingerprint(args: FingerprintArguments<S, I, P>): string | Promise<string>
  run(args: RunArguments<S, I, P>): ValuesOf<O> | Promise<ValuesOf<O>>
}

export interface NodeSpec<S, I extends Ports, P extends Params, O extends Ports, K extends PropertyKey> {
  /** `area/name`. */
  readonly type: string
  /** Part of the cache key: bump when equal inputs may differ in output. */
  readonly version: number
  readonly title: string
  readonly description?: string
  /** Where an editor lists it; default: the area of the type. */
  readonly category?: string
  readonly inputs?: I
  readonly params?: P
  readonly outputs?: O
  /** Default 'cpu'. */
  readonly resource?: ResourceClass
  /**
   * Items of a mapped run that may run at once in one slot, because the node does what they have in common in one pass.
   * Default 1.
   */
  readonly together?: number
  /** Changes the world (saves a file): runs every time, never served from the cache, and is a target by default. */
  readonly effect?: boolean
  /**
   * Looks at the world (opens a model): runs whenever it is needed and never comes from the cache. What hangs on it
   * still does, as long as the outputs have the same content as before.
   */
  readonly volatile?: boolean
  /** An extra part of the cache key for what inputs and params do not show, such as a file's content digest. */
  readonly fingerprint?: (args: FingerprintArguments<S, I, P>) => string | Promise<string>
  /** Default: each output takes the first input of its own type. */
  readonly bypass?: { readonly [K in keyof O]?: keyof I & string }
  /** From version n to n + 1; a missing step leaves the params as they are. */
  readonly migrate?: Readonly<Record<number, ParamMigration>>
  /** Former names of the type. */
  readonly aliases?: readonly string[]
  /** Outputs by name; returned directly when there is nothing to wait for, which is much cheaper. */
  readonly run: (args: RunArguments<S, I, P>) => Returned<O, K> | Promise<Returned<O, K>>
}

/** The outputs, and nothing else: a name that is not declared is a compile error. */
type Returned<O, K extends PropertyKey> = ValuesOf<O> & { [N in K]: N extends keyof O ? unknown : never }

/** A `defineNode` whose `services` have type `S`. */
export function nodeDefiner<S>() {
  return <
    I extends Ports = Record<never, never>,
    P extends Params = Record<never, never>,
    O extends Ports = Record<never, never>,
    K extends PropertyKey = never,
  >(
    spec: NodeSpec<S, I, P, O, K>,
  ): Node<S, I, P, O> => {
    const node = completeNode(spec)
    checkNames(node.type, node.version, node.inputs, node.params, node.outputs)
    return node
  }
}

/** `defineNode` for nodes that use no services. */
export const defineNode = nodeDefiner<unknown>()

/** Fills in the defaults; names are taken as they are. */
export function completeNode<S, I extends Ports, P extends Params, O extends Ports, K extends PropertyKey>(
  spec: NodeSpec<S, I, P, O, K>,
): Node<S, I, P, O> {
  const inputs = spec.inputs ?? ({} as I)
  const params = spec.params ?? ({} as P)
  const outputs = spec.outputs ?? ({} as O)
  return {
    type: spec.type,
    version: spec.version,
    title: spec.title,
    description: spec.description ?? '',
    category: spec.category ?? spec.type.split('/')[0]!,
    inputs,
    params,
    outputs,
    resource: spec.resource ?? 'cpu',
    together: spec.together ?? 1,
    effect: spec.effect ?? false,
    volatile: spec.volatile ?? false,
    bypass: { ...defaultBypass(inputs, outputs), ...(spec.bypass as Record<string, string> | undefined) },
    migrate: spec.migrate ?? {},
    aliases: spec.aliases ?? [],
    hasFingerprint: spec.fingerprint !== undefined,
    fingerprint: spec.fingerprint ?? (() => ''),
    run: spec.run as Node<S, I, P, O>['run'],
  }
}

function defaultBypass(inputs: Ports, outputs: Ports): Record<string, string> {
  const mapping: Record<string, string> = {}
  for (const [output, { type, list }] of Object.entries(outputs)) {
    const input = Object.entries(inputs).find(([, port]) => {
      return port.type.name === type.name && !port.lazy && !port.many && Boolean(port.list) === Boolean(list)
    })
    if (input) mapping[output] = input[0]
  }
  return mapping
}

function checkNames(type: string, version: number, inputs: Ports, params: Params, outputs: Ports): void {
  if (!/^[a-z0-9-]+(\/[a-z0-9-]+)+$/.test(type)) throw new Error(`internal: node type "${type}" is not area/name`)
  if (type.startsWith('component/')) throw new Error(`internal: node type "${type}" uses the area of components`)
  if (!Number.isInteger(version) || version < 1) throw new Error(`internal: ${type}: version must be 1 or more`)
  for (const name of [...Object.keys(inputs), ...Object.keys(params), ...Object.keys(outputs)]) {
    if (!/^[a-zA-Z][a-zA-Z0-9]*$/.test(name)) throw new Error(`internal: ${type}: bad socket or param name "${name}"`)
  }
  for (const name of Object.keys(params)) {
    if (Object.hasOwn(inputs, name)) throw new Error(`internal: ${type}: "${name}" is both an input and a param`)
  }
}
