/** Ports: how a node uses a socket type — required, optional, many, lazy, as a list — with the value type of `run` inferred. */
import { booleanType, fileType, floatType, intType, jsonType, seedType, textType } from './primitives.js'
import type { SocketType } from './socket-type.js'

export interface PortOptions {
  readonly title?: string
  readonly description?: string
  /** May stay unlinked; `run` then gets undefined. */
  readonly optional?: boolean
  /** Any number of ordered links, lists flattened; `run` gets an array. May be empty only when also optional. */
  readonly many?: boolean
  /** `run` gets a function; what hangs on the input is evaluated only when it is called. */
  readonly lazy?: boolean
  /** The value is a list: linked lists arrive whole instead of mapping the node; as an output, makes a list. */
  readonly list?: boolean
}

/** An input or an output of a node. `V` is what `run` receives or returns; it exists in types only. */
export interface Port<V> extends PortOptions {
  readonly type: SocketType<unknown>
  readonly valueType?: V
}

type Plural<T, O> = O extends { list: true } | { many: true } ? T[] : T
type Deferred<V, O> = O extends { lazy: true } ? () => Promise<V> : V
type Maybe<V, O> = O extends { many: true } ? V : O extends { optional: true } ? V | undefined : V

/** The value behind a port of type `T` with options `O`. */
export type PortValue<T, O> = Maybe<Deferred<Plural<T, O>, O>, O>

/** A port maker: `image()`, `image({ optional: true })`. */
export type Socket<T> = <const O extends PortOptions = Record<never, never>>(options?: O) => Port<PortValue<T, O>>

/** Turns a socket type into a port maker. */
export function port<T>(type: SocketType<T>): Socket<T> {
  return (options) => {
    if (options?.lazy && options.many) throw new Error(`internal: a port of ${type.name} cannot be lazy and many`)
    return { ...options, type }
  }
}

/** Port makers by name, for one `socket` object: `const socket = sockets({ image: imageType, latent: latentType })`. */
export function sockets<const M extends Record<string, SocketType<unknown>>>(
  types: M,
): { readonly [K in keyof M]: M[K] extends SocketType<infer T> ? Socket<T> : never } {
  const makers = Object.fromEntries(Object.entries(types).map(([key, type]) => [key, port(type)]))
  return makers as { readonly [K in keyof M]: M[K] extends SocketType<infer T> ? Socket<T> : never }
}

/** Port makers of the built-in types. */
export const primitiveSockets = sockets({
  int: intType,
  float: floatType,
  boolean: booleanType,
  seed: seedType,
  text: textType,
  file: fileType,
  json: jsonType,
})
