/** One request over HTTP, and what its answer means. */
import type { ErrorBody } from '@dreamgraph/protocol'
import type { Address, Place } from './address.js'
import { ConnectionFault, isAway, ServerFault } from './faults.js'
import { type Patience, tryAgain } from './patience.js'
import { routeTable } from './route-table.js'

export interface Request extends Place {
  readonly body?: unknown
  readonly signal?: AbortSignal
  /** Doing it twice is as good as once, so that it may be tried again; GETs always may. */
  readonly isRepeatable?: boolean
}

export type Send = (name: keyof typeof routeTable, request: Request) => Promise<unknown>

export interface Sender {
  readonly address: Address
  readonly token: string | undefined
  readonly fetch: typeof globalThis.fetch
  readonly patience: Patience
}

/**
 * Sends requests by the name of their route. Throws ServerFault for every answer that is not a success or not of this
 * protocol, ConnectionFault where there was none, and the signal's reason.
 */
export function createSend({ address, token, fetch, patience }: Sender): Send {
  return async (name, request) => {
    const { body, signal } = request
    const [method, , answer] = routeTable[name] as readonly [string, string, 'bytes'?]
    const url = address.route(name, request)
    const init = { method, headers: headersOf(body, token), body: bodyOf(body), signal }
    const attempt = async () => read(`${method} ${url}`, await exchange(fetch, url, init), answer)
    if (method !== 'GET' && !request.isRepeatable) return attempt()
    return tryAgain(attempt, { patience, signal, tries: patience.requestTries, mayPass: isUnreachable })
  }
}

/** A busy or stopping server has answered: its word goes to the caller. Only silence is tried again. */
const isUnreachable = (fault: unknown) => fault instanceof ConnectionFault && isAway(fault)

interface Answer {
  readonly response: Response
  readonly bytes: Uint8Array
}

async function exchange(fetch: Sender['fetch'], url: string, init: RequestInit): Promise<Answer> {
  try {
    const response = await fetch(url, init)
    return { response, bytes: new Uint8Array(await response.arrayBuffer()) }
  } catch (cause) {
    init.signal?.throwIfAborted()
    const { message, cause: root } = cause as { message: string; cause?: { code?: string; message?: string } }
    const why = root?.code ?? root?.message ?? message
    throw new ConnectionFault('client/unreachable', `${init.method} ${url}: expected an answer, got ${why}`, { cause })
  }
}

function read(where: string, { response, bytes }: Answer, answer: 'bytes' | undefined): unknown {
  const { status } = response
  if (status < 400 && answer === 'bytes') return bytes
  if (status === 204) return undefined
  const body = parseJson(bytes)
  if (status < 400 && body !== undefined) return body
  if (isErrorBody(body)) throw new ServerFault(body, status)
  const type = response.headers.get('content-type') ?? 'no content type'
  const start = new TextDecoder().decode(bytes.subarray(0, 80))
  const message = `${where}: expected JSON of dreamgraph, got ${status} with ${type}: ${JSON.stringify(start)}`
  throw new ServerFault({ code: 'client/foreign-answer', message }, status)
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    return undefined
  }
}

const isErrorBody = (body: unknown): body is ErrorBody =>
  typeof (body as ErrorBody | undefined)?.code === 'string' && typeof (body as ErrorBody).message === 'string'

const isBytes = (body: unknown): body is Uint8Array<ArrayBuffer> | Blob =>
  body instanceof Uint8Array || body instanceof Blob

function headersOf(body: unknown, token: string | undefined): Headers {
  const headers = new Headers()
  if (token) headers.set('authorization', `Bearer ${token}`)
  if (body instanceof Blob && body.type) headers.set('content-type', body.type)
  else if (isBytes(body)) headers.set('content-type', 'application/octet-stream')
  else if (body !== undefined) headers.set('content-type', 'application/json')
  return headers
}

const bodyOf = (body: unknown) => (body === undefined || isBytes(body) ? body : JSON.stringify(body))
