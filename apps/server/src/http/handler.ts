// The form of a handler: what a route promises, as types.
import type { Route, RouteName, Routes } from '@dreamgraph/protocol'
import type { z } from 'zod'
import type { StoredStream } from '../files/artifact-store.js'
import type { Asker } from '../jobs/jobs.js'
import type { Identity } from '../security/tokens.js'

type Parsed<S> = S extends z.ZodType
  ? z.output<S>
  : S extends 'bytes'
    ? Uint8Array
    : S extends 'stream'
      ? AsyncIterable<Uint8Array>
      : undefined
type Field<R, K extends string> = R extends { readonly [key in K]: infer S } ? Parsed<S> : undefined

export interface Call<R extends Route> {
  readonly asker: Asker
  readonly identity: Identity | undefined
  readonly params: Field<R, 'params'>
  readonly query: Field<R, 'query'>
  readonly body: Field<R, 'body'>
  readonly signal: AbortSignal
  /** Has the answer begin a session with a token, or end it. */
  readonly setSession: (token: string | undefined) => void
}

/** Bytes with what goes into their headers. */
export interface BytesAnswer {
  readonly bytes: Uint8Array | StoredStream
  readonly mediaType: string
  /** Offered for saving. */
  readonly fileName?: string
  /** Never changes, so that it may be kept for good. */
  readonly immutable?: boolean
}

type Answer<R> = R extends { readonly answer: infer S }
  ? S extends z.ZodType
    ? z.input<S>
    : S extends 'bytes'
      ? BytesAnswer
      : undefined
  : undefined

export type Handler<R extends Route> = (call: Call<R>) => Promise<Answer<R>> | Answer<R>

export type Handlers = { readonly [N in RouteName]: Handler<Routes[N]> }
