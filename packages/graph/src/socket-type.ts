/** Socket types: what may flow through a link. Compatibility is by exact name plus declared widenings; there is no wildcard. */
import { digestEncoded, type Encoded } from './digest.js'

/** A declared widening: values of `from` may feed the type that declares it. `convert` may throw for values that do not fit. */
export interface Widening<T> {
  readonly from: SocketType<unknown>
  readonly convert: (value: unknown) => T
}

/** Makes a widening with its source type inferred: `widenFrom(int, (value) => BigInt(value))`. */
export function widenFrom<S, T>(from: SocketType<S>, convert: (value: S) => T): Widening<T> {
  return { from, convert: convert as (value: unknown) => T }
}

/**
 * A value type of sockets. Values are immutable once they leave a node. Its functions are methods, so that a
 * `SocketType<Image>` also is a `SocketType<unknown>`: the engine moves values without looking inside.
 */
export interface SocketType<T> {
  readonly name: string
  readonly title: string
  /** `#rrggbb`, for editors. */
  readonly color: string
  /** Equal digests mean equal content: cache keys are made of them. Printable characters only. */
  digest(value: T): string
  /** Memory that the value holds, for cache limits. */
  sizeBytes(value: T): number
  /** Present together with `decode` when values can be kept on disk; otherwise they live in memory only. */
  encode?(value: T): Encoded
  decode?(encoded: Encoded): T | Promise<T>
  /** Reads a value given by name from outside (JSON or code); undefined when it is not one. Absent: only links can feed it. */
  parse?(value: unknown): T | undefined
  readonly acceptsFrom: readonly Widening<T>[]
}

interface SocketTypeBase<T> {
  readonly name: string
  readonly title: string
  readonly color: string
  readonly acceptsFrom?: readonly Widening<T>[]
  readonly parse?: (value: unknown) => T | undefined
  readonly sizeBytes?: (value: T) => number
}

/** Either an encoding, from which the digest follows, or a digest of one's own (live handles such as a loaded model). */
export type SocketTypeSpec<T> = SocketTypeBase<T> &
  (
    | {
        readonly encode: (value: T) => Encoded
        readonly decode: (encoded: Encoded) => T | Promise<T>
        readonly digest?: (value: T) => string
      }
    | { readonly digest: (value: T) => string; readonly encode?: undefined; readonly decode?: undefined }
  )

const handleBytes = 256 // bookkeeping around a value whose own memory is not ours to count

/**
 * Declares a value type: `socketType<Image>({ name: 'image', title: 'Image', color: '#64b5f6', encode, decode })`.
 * The default digest is SHA-256 of the encoding; the default size is that of the encoded bytes.
 */
export function socketType<T>(spec: SocketTypeSpec<T>): SocketType<T> {
  if (!/^[a-z][a-z0-9-]*$/.test(spec.name))
    throw new Error(`internal: socket type name "${spec.name}" is not kebab-case`)
  const { encode, decode } = spec
  return {
    name: spec.name,
    title: spec.title,
    color: spec.color,
    digest: spec.digest ?? ((value) => digestEncoded(encode!(value))),
    sizeBytes: spec.sizeBytes ?? ((value) => (encode ? encodedBytes(encode(value)) : handleBytes)),
    ...(encode && { encode, decode }),
    ...(spec.parse && { parse: spec.parse }),
    acceptsFrom: spec.acceptsFrom ?? [],
  }
}

/** A type as it stands at a socket: the type itself, or a list of it. Lists never hold lists. */
export interface ValueType {
  readonly type: SocketType<unknown>
  readonly list: boolean
}

/** `image` or `list<image>`: the spelling in documents and messages. */
export function typeName({ type, list }: ValueType): string {
  return list ? `list<${type.name}>` : type.name
}

/** How values of `from` become values of `to`: 'same', a converter, or undefined when they may not. */
export function conversion(
  from: SocketType<unknown>,
  to: SocketType<unknown>,
): 'same' | ((value: unknown) => unknown) | undefined {
  if (from.name === to.name) return 'same'
  return to.acceptsFrom.find((widening) => widening.from.name === from.name)?.convert
}

function encodedBytes({ json, blobs }: Encoded): number {
  return blobs.reduce((sum, blob) => sum + blob.byteLength, JSON.stringify(json).length)
}
