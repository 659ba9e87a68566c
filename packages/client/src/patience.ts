/** How long the client waits for what, and how it tries again. */
import { isAway } from './faults.js'

export const defaultPatience = {
  /** First wait after a failure; each further one is twice as long. */
  retryFirstMs: 250,
  /** Longest wait between tries: somebody who looks at a banner should not wait much longer than the server. */
  retryMaxMs: 15_000,
  /** Tries of one request that may be repeated; 5 take about 4 s. */
  requestTries: 5,
  /** From dialling until the server's `welcome`. */
  welcomeMs: 10_000,
  /** From an open socket without a `welcome` until the server is asked over HTTP what it lacks, such as a token. */
  doubtMs: 1_000,
  /** Silence after which a ping is sent; below the 30 to 60 s after which proxies cut. */
  pingMs: 15_000,
  /** From a ping until anything comes, else the connection counts as dead. */
  pongMs: 10_000,
  /** How long the socket stays open when nothing is followed, for the next job in a row. */
  lingerMs: 500,
  /** A connection that held so long was a good one: the next wait is the first again. */
  steadyMs: 5_000,
  /** How long an aborted `run` waits for the answer to its cancel. */
  cancelMs: 5_000,
}

export type Patience = Readonly<typeof defaultPatience>

/** Wait before try `attempt` + 1, ms: doubled each time, and by chance up to half less, so that many clients spread. */
export function backoffMs(attempt: number, { retryFirstMs, retryMaxMs }: Patience): number {
  const full = Math.min(retryMaxMs, retryFirstMs * 2 ** attempt)
  return full * (1 - Math.random() / 2)
}

/** Waits. Throws the signal's reason when it aborts. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', abort)
      resolve()
    }, ms)
    if (signal?.aborted) abort()
    else signal?.addEventListener('abort', abort, { once: true })
  })
}

export interface Trying {
  readonly patience: Patience
  readonly signal: AbortSignal | undefined
  /** Most tries; default without end. */
  readonly tries?: number
  /** Which faults another try may mend; default those of a server that is away. */
  readonly mayPass?: (fault: unknown) => boolean
}

/** What `attempt` resolves to, tried again after faults that may pass. Throws the last fault, or the signal's reason. */
export async function tryAgain<T>(attempt: () => Promise<T>, trying: Trying): Promise<T> {
  const { patience, signal, tries = Number.POSITIVE_INFINITY, mayPass = isAway } = trying
  for (let tried = 1; ; tried++) {
    try {
      return await attempt()
    } catch (fault) {
      signal?.throwIfAborted()
      if (tried >= tries || !mayPass(fault)) throw fault
      await pause(backoffMs(tried - 1, patience), signal)
    }
  }
}
