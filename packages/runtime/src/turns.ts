/** One piece of work at a time, in order of arrival. Whoever aborts while waiting leaves without a trace. */

import { RuntimeError } from './errors.js'

export interface TurnOptions {
  /** Names the work in the error of its cancellation. */
  readonly what: string
  readonly signal?: AbortSignal | undefined
  /** Called once when the work was aborted and did not end within `graceMs`. */
  readonly onOverdue: () => void
  readonly graceMs: number
}

export class Turns {
  #tail: Promise<unknown> = Promise.resolve()

  /**
   * Runs `work` after all earlier work. An abort rejects the returned promise at once with runtime/cancelled,
   * while later work still waits until `work` has really ended.
   */
  take<T>(options: TurnOptions, work: () => Promise<T>): Promise<T> {
    const { signal } = options
    const turn = this.#tail.then(async () => {
      checkAborted(options.what, signal)
      const overdue = watchOverdue(options)
      try {
        return await work()
      } finally {
        overdue.clear()
      }
    })
    this.#tail = turn.catch(() => {})
    return rejectOnAbort(turn, options.what, signal)
  }
}

export function checkAborted(what: string, signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw cancelled(what, signal)
}

function watchOverdue({ signal, graceMs, onOverdue }: TurnOptions): { clear(): void } {
  let timer: NodeJS.Timeout | undefined
  const start = () => {
    timer = setTimeout(onOverdue, graceMs)
  }
  signal?.addEventListener('abort', start, { once: true })
  return {
    clear() {
      signal?.removeEventListener('abort', start)
      clearTimeout(timer)
    },
  }
}

function rejectOnAbort<T>(turn: Promise<T>, what: string, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return turn
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(cancelled(what, signal))
    if (signal.aborted) onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
    turn.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}

function cancelled(what: string, signal: AbortSignal): RuntimeError {
  return new RuntimeError('runtime/cancelled', `${what}: expected to finish, got cancelled`, { cause: signal.reason })
}
