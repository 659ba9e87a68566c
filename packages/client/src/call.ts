/** Types of `client.call`: what each route takes and gives, from protocol's table. */
import type { AnswerOf, BodyOf, ParamsOf, QueryOf, RouteName, Routes } from '@dreamgraph/protocol'

/** Numbers in a query are read from text, so protocol says nothing of their type; here they are numbers. */
type Plain<Q> = { [K in keyof Q]: unknown extends Q[K] ? number : Q[K] }

/** A part of a request: left out where the route has none, optional where all of it is. */
type Part<K extends string, V> = [V] extends [undefined]
  ? { readonly [_ in K]?: undefined }
  : Record<string, never> extends V
    ? { readonly [_ in K]?: V }
    : { readonly [_ in K]: V }

export type PlaceOf<N extends RouteName> = Part<'params', ParamsOf<Routes[N]>> &
  Part<'query', QueryOf<Routes[N]> extends undefined ? undefined : Plain<QueryOf<Routes[N]>>>

export type RequestOf<N extends RouteName> = PlaceOf<N> &
  Part<'body', BodyOf<Routes[N]>> & { readonly signal?: AbortSignal }

export type ResultOf<N extends RouteName> = AnswerOf<Routes[N]>

/** A last argument that may be left out where nothing in it is required. */
export type Rest<T> = Record<string, never> extends T ? [given?: T] : [given: T]

export type Call = <N extends RouteName>(route: N, ...given: Rest<RequestOf<N>>) => Promise<ResultOf<N>>
export type UrlOf = <N extends RouteName>(route: N, ...given: Rest<PlaceOf<N>>) => string
