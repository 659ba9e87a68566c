// Tries again what fails in passing: cut connections, servers that are busy or being restarted.
import { setTimeout as wait } from 'node:timers/promises'
import { StoreError } from '../errors.js'

/** A failure that another try may not have. Never leaves this folder: what does not pass becomes a StoreError. */
export class PassingFault extends Error {
  constructor(
    message: string,
    readonly options: { readonly cause?: unknown; readonly retryAfterMs?: number } = {},
  ) {
    super(message, { cause: options.cause })
  }
}

export interface RetryPolicy {
  /** Tries in a row that bring nothing new. */
  readonly tries: number
  /** Before the second try; it doubles from there. */
  readonly firstDelayMs: number
  readonly maxDelayMs: number
  /** A server that wants a longer pause is given up. */
  readonly maxRetryAfterMs: number
}

export const defaultRetryPolicy: RetryPolicy = {
  tries: 7,
  firstDelayMs: 1000,
  maxDelayMs: 30_000,
  maxRetryAfterMs: 6 * 60_000, // the hub counts requests in windows of five minutes
}

export interface RetryOptions {
  readonly what: string
  readonly policy: RetryPolicy
  readonly signal?: AbortSignal
  readonly onLog?: (line: string) => void
}

/**
 * Result of the first try that works. A try that calls `progressed` before it fails has all tries before it again, so
 * that a file of gigabytes gets through any number of cuts. Throws store/hub-unreachable, and whatever is not passing.
 */
export async function withRetries<T>(
  { what, policy, signal, onLog }: RetryOptions,
  attempt: (progressed: () => void) => Promise<T>,
): Promise<T> {
  for (let failures = 0; ; ) {
    try {
      return await attempt(() => {
        failures = 0
      })
    } catch (error) {
      signal?.throwIfAborted()
      if (!(error instanceof PassingFault)) throw error
      failures++
      const delayMs = delayOf(error, failures, policy)
      if (failures >= policy.tries || (error.options.retryAfterMs ?? 0) > policy.maxRetryAfterMs) {
        const got = `${error.message}${failures > 1 ? `, after ${failures} tries` : ''}`
        throw new StoreError('store/hub-unreachable', `${what}: expected an answer, got ${got}`, { cause: error })
      }
      onLog?.(`${what}: ${error.message}; next try in ${(delayMs / 1000).toFixed(1)} s`)
      await wait(delayMs, undefined, { signal }).catch(() => signal?.throwIfAborted())
    }
  }
}

/** What the server asks for, else longer each time, scattered so that many clients do not return at once. */
function delayOf({ options }: PassingFault, failures: number, policy: RetryPolicy): number {
  if (options.retryAfterMs !== undefined) return options.retryAfterMs
  const delayMs = Math.min(policy.firstDelayMs * 2 ** (failures - 1), policy.maxDelayMs)
  return delayMs * (0.75 + 0.5 * Math.random())
}

/** Retry-After: seconds, or a date. */
export function retryAfterMs(header: string | null): number | undefined {
  if (header === null) return undefined
  const ms = /^\d+$/.test(header.trim()) ? 1000 * Number(header) : Date.parse(header) - Date.now()
  return Number.isNaN(ms) ? undefined : Math.max(0, ms)
}
