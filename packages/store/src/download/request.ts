// One GET to the hub or to where it redirects. The token goes to the hub's own host and nowhere else.
import { StoreError } from '../errors.js'
import { PassingFault, retryAfterMs } from './retry.js'

/** The hub as requests need it. */
export interface HubAddress {
  /** Without a slash at its end. */
  readonly base: string
  readonly token: string | undefined
  /** A connection that brings nothing for this long is given up. */
  readonly stallMs: number
}

export interface Answer {
  /** 200, 206 or 416. */
  readonly status: number
  readonly headers: Headers
  /** Throws PassingFault when the connection breaks. */
  readonly chunks: AsyncIterable<Uint8Array>
}

export interface RequestOptions {
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
}

const maxRedirects = 10

/**
 * Lends the answer to `use`; what it has not read by then is not read. Throws PassingFault for cut connections, 429 and 5xx;
 * store/hub-refused for 401 and 403, store/hub-missing for 404, store/hub-invalid for the rest; the signal's reason.
 */
export async function get<T>(
  hub: HubAddress,
  url: string,
  { headers, signal }: RequestOptions,
  use: (answer: Answer) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted()
  const line = new AbortController()
  const onAbort = (): void => line.abort(signal?.reason)
  signal?.addEventListener('abort', onAbort)
  /** Fails what takes longer than the stall limit. Only waiting for the network counts, not what is done with it. */
  const unstalled: Unstalled = async (work) => {
    const timer = setTimeout(() => line.abort(), hub.stallMs)
    try {
      return await work
    } catch (cause) {
      signal?.throwIfAborted()
      const reason = line.signal.aborted ? `nothing for ${hub.stallMs / 1000} s` : reasonOf(cause)
      throw new PassingFault(`${reason} from ${new URL(url).host}`, { cause })
    } finally {
      clearTimeout(timer)
    }
  }
  try {
    const response = await follow(hub, new URL(url), { headers, signal: line.signal, unstalled })
    return await use({ status: response.status, headers: response.headers, chunks: chunksOf(response, unstalled) })
  } finally {
    signal?.removeEventListener('abort', onAbort)
    line.abort() // hangs up where the answer was not read to its end
  }
}

type Unstalled = <T>(work: Promise<T>) => Promise<T>

interface Hop {
  readonly headers: Readonly<Record<string, string>> | undefined
  readonly signal: AbortSignal
  readonly unstalled: Unstalled
}

async function follow(hub: HubAddress, start: URL, { headers, signal, unstalled }: Hop): Promise<Response> {
  const home = new URL(hub.base)
  for (let url = start, hops = 0; hops <= maxRedirects; hops++) {
    const isHome = url.origin === home.origin
    const response = await unstalled(
      fetch(url, {
        redirect: 'manual',
        signal,
        headers: {
          ...headers,
          'user-agent': 'dreamgraph',
          'accept-encoding': 'identity', // ranges and sizes are those of the file
          ...(isHome && hub.token !== undefined && { authorization: `Bearer ${hub.token}` }),
        },
      }),
    )
    if (![301, 302, 303, 307, 308].includes(response.status)) return accepted(response, url, hub)
    await response.body?.cancel().catch(() => {})
    url = target(response, url)
  }
  throw new StoreError('store/hub-invalid', `${start}: expected at most ${maxRedirects} redirects, got more`)
}

function target(response: Response, from: URL): URL {
  const location = response.headers.get('location') ?? ''
  const url = URL.canParse(location, from.href) ? new URL(location, from) : undefined
  // From https it never goes on in the clear.
  if (url && location !== '' && (url.protocol === 'https:' || url.protocol === from.protocol)) return url
  throw new StoreError('store/hub-invalid', `${from}: expected a redirect to a web address, got "${location}"`)
}

function accepted(response: Response, url: URL, hub: HubAddress): Response {
  const { status, headers } = response
  const where = `${url.origin}${url.pathname}` // the query of a redirect is a signature
  if (status === 200 || status === 206 || status === 416) return response
  if (status === 429 || status === 408 || status >= 500) {
    throw new PassingFault(`status ${status} from ${url.host}`, {
      retryAfterMs: retryAfterMs(headers.get('retry-after')),
    })
  }
  if (status === 401 || status === 403) {
    const way =
      hub.token === undefined
        ? 'accept the licence on its page and set DREAMGRAPH_HUB_TOKEN to a token of yours'
        : 'the owner of the token in DREAMGRAPH_HUB_TOKEN must accept the licence on its page, and the token must be allowed to read it'
    const message = `${where}: expected leave to read it, got status ${status}; it is gated, private or not there: ${way}`
    throw new StoreError('store/hub-refused', message)
  }
  if (status === 404 || status === 410) {
    throw new StoreError('store/hub-missing', `${where}: expected something there, got status ${status}`)
  }
  throw new StoreError('store/hub-invalid', `${where}: expected status 200, got ${status}`)
}

async function* chunksOf(response: Response, unstalled: Unstalled): AsyncGenerator<Uint8Array> {
  const reader = response.body?.getReader()
  while (reader) {
    const { done, value } = await unstalled(reader.read())
    if (done) return
    yield value
  }
}

/** `fetch` says only that it failed; why is in the cause. */
function reasonOf(error: unknown): string {
  const { cause, message } = error as Error & { cause?: NodeJS.ErrnoException }
  return cause?.code ?? cause?.message ?? message
}
