/** How many nodes of a resource class run at once; the others wait in line. */
import type { ResourceClass } from '../node.js'

/** Nodes that may run at once, per resource class. */
export type ResourceLimits = Readonly<Record<ResourceClass, number>>

export const defaultResourceLimits: ResourceLimits = { cpu: 2, gpu: 1, io: 8 }

interface Waiter {
  readonly start: () => void
  readonly refuse: (reason: unknown) => void
}

export class Slots {
  readonly #free: Record<ResourceClass, number>
  readonly #waiting: Record<ResourceClass, Waiter[]> = { cpu: [], gpu: [], io: [] }

  constructor(limits: Partial<ResourceLimits> = {}) {
    this.#free = { ...defaultResourceLimits, ...limits }
    for (const [name, limit] of Object.entries(this.#free)) {
      if (!(limit >= 1)) throw new RangeError(`execute: expected a limit of at least 1 for ${name}, got ${limit}`)
    }
  }

  /** Takes a slot when one is free. */
  take(resource: ResourceClass): boolean {
    if (this.#free[resource] <= 0) return false
    this.#free[resource]--
    return true
  }

  /** Resolves when a slot has become the caller's. */
  wait(resource: ResourceClass): Promise<void> {
    return new Promise((start, refuse) => {
      this.#waiting[resource].push({ start, refuse })
    })
  }

  release(resource: ResourceClass): void {
    const next = this.#waiting[resource].shift()
    if (next) next.start()
    else this.#free[resource]++
  }

  /** Sends away all who wait. */
  close(reason: unknown): void {
    for (const waiting of Object.values(this.#waiting)) {
      for (const { refuse } of waiting.splice(0)) refuse(reason)
    }
  }
}
