/** The form of a route: all that server, client and reference page need to know of one request. */
import type { z } from 'zod'
import type { Scope } from './admin.js'

export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Under `apiPrefix`; `:name` parts stand for one segment, a last `*` for all that follows. */
  readonly path: string
  /** One sentence. */
  readonly summary: string
  /** What a token must be good for; undefined: anybody. */
  readonly scope?: Scope
  readonly params?: z.ZodObject
  readonly query?: z.ZodObject
  /** JSON, or whatever the Content-Type says: `bytes` within the limit of uploads, `stream` for files of any size. */
  readonly body?: z.ZodType | 'bytes' | 'stream'
  /** JSON, `bytes`, or undefined for an empty answer of status 204. */
  readonly answer?: z.ZodType | 'bytes'
  /** Status of success; default 200, or 204 without an answer. */
  readonly status?: number
  /** Codes of `serverErrors` that are particular to this route. */
  readonly errors?: readonly string[]
}

export const route = <const R extends Route>(given: R): R => given

type Shape<S> = S extends z.ZodType ? z.input<S> : S extends 'bytes' | 'stream' ? Uint8Array | Blob : undefined
type Answered<S> = S extends z.ZodType ? z.output<S> : S extends 'bytes' ? Uint8Array : undefined

export type ParamsOf<R extends Route> = R extends { params: z.ZodObject } ? z.input<R['params']> : undefined
export type QueryOf<R extends Route> = R extends { query: z.ZodObject } ? z.input<R['query']> : undefined
export type BodyOf<R extends Route> = Shape<R['body']>
export type AnswerOf<R extends Route> = Answered<R['answer']>
