// Work that several ask for at the same time, done for all of them in one pass.

import { setMaxListeners } from 'node:events'

/** One piece of work. Pieces with equal keys can share a pass. */
export interface Work<T, R> {
  readonly key: string
  /** Pieces that a pass may hold. */
  readonly most: number
  readonly item: T
  readonly signal?: AbortSignal
  /** Does the pieces of a pass, this one among them; results in order. */
  readonly compute: (items: readonly T[], signal?: AbortSignal) => Promise<readonly R[]>
}

interface Waiting {
  readonly work: Work<unknown, unknown>
  readonly resolve: (result: unknown) => void
  readonly reject: (reason: unknown) => void
}

/**
 * Lets members meet: a pass begins when every member waits for one, so none is computed alone that could have been shared.
 * A member that takes long to come back holds the others up; who is no member never waits for anybody.
 */
export class Gathering {
  #members = 0
  #waiting: Waiting[] = []
  #isComputing = false
  #arrivals: NodeJS.Timeout | undefined

  /**
   * Becomes a member; returns how to leave. Passes wait for `graceMs` in which others may join: who comes to the first one late is
   * a pass behind.
   */
  join(graceMs = 0): () => void {
    this.#members++
    if (graceMs > 0) {
      clearTimeout(this.#arrivals)
      this.#arrivals = setTimeout(() => {
        this.#arrivals = undefined
        void this.#compute()
      }, graceMs)
    }
    return () => {
      this.#members--
      void this.#compute()
    }
  }

  /** The result of the work. Throws what computing throws, and the signal's reason. */
  do<T, R>(work: Work<T, R>): Promise<R> {
    return new Promise((resolve, reject) => {
      const { signal } = work
      if (signal?.aborted) return reject(signal.reason)
      const leave = (): void => {
        reject(signal!.reason)
        this.#waiting = this.#waiting.filter((other) => other !== waiting)
        void this.#compute()
      }
      const settled = (settle: () => void): void => {
        signal?.removeEventListener('abort', leave)
        settle()
      }
      const waiting: Waiting = {
        work: work as unknown as Waiting['work'],
        resolve: (result) => settled(() => resolve(result as R)),
        reject: (reason) => settled(() => reject(reason)),
      }
      if (signal) setMaxListeners(0, signal) // the items of a list share their run's: Node would warn of a leak from the 11th on
      signal?.addEventListener('abort', leave, { once: true })
      this.#waiting.push(waiting)
      void this.#compute()
    })
  }

  /** Once everybody waits: the key that most wait for, in as few passes as that takes. */
  async #compute(): Promise<void> {
    if (this.#isComputing || this.#arrivals || this.#waiting.length === 0) return
    if (this.#waiting.length < this.#members) return
    this.#isComputing = true
    const together = largestGroup(this.#waiting)
    this.#waiting = this.#waiting.filter((waiting) => !together.includes(waiting))
    while (together.length > 0) await computePass(together.splice(0, passSize(together)))
    this.#isComputing = false
    void this.#compute()
  }
}

function largestGroup(waiting: readonly Waiting[]): Waiting[] {
  const groups = new Map<string, Waiting[]>()
  for (const one of waiting) groups.set(one.work.key, [...(groups.get(one.work.key) ?? []), one])
  return [...groups.values()].reduce((largest, group) => (group.length > largest.length ? group : largest))
}

/** A power of two, so that few sizes of pass come up: each is a session of its own. */
const passSize = ([{ work }, ...others]: readonly Waiting[]): number =>
  2 ** Math.floor(Math.log2(Math.max(1, Math.min(work.most, others.length + 1))))

async function computePass(pass: readonly Waiting[]): Promise<void> {
  const [{ work }] = pass
  const ending = whenAllAbort(pass.map((one) => one.work.signal))
  try {
    const results = await work.compute(
      pass.map((one) => one.work.item),
      ending.signal,
    )
    pass.forEach(({ resolve }, i) => {
      resolve(results[i])
    })
  } catch (error) {
    for (const { reject } of pass) reject(error)
  } finally {
    ending.forget()
  }
}

interface Ending {
  /** Undefined when one of the signals never aborts. */
  readonly signal?: AbortSignal
  /** Stops listening: the signals of a run outlive its many passes. */
  forget(): void
}

/** A signal that aborts when the last of these does. */
function whenAllAbort(signals: readonly (AbortSignal | undefined)[]): Ending {
  if (!signals.every((signal) => signal !== undefined)) return { forget() {} }
  const all = new AbortController()
  let left = signals.length
  const listeners = signals.map((signal) => {
    const count = (): void => {
      if (--left === 0) all.abort(signal.reason)
    }
    if (signal.aborted) count()
    else signal.addEventListener('abort', count, { once: true })
    return () => signal.removeEventListener('abort', count)
  })
  return {
    signal: all.signal,
    forget() {
      for (const stop of listeners) stop()
    },
  }
}
