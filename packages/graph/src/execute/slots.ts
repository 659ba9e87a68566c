/** How many nodes of a resource class run at once; the others wait in line. */
import type { ResourceClass } from '../node.js'

/** Nodes that may run at once, per resource class. */
export type ResourceLimits = Readonly<Record<ResourceClass, number>>

export const defaultResourceLimits: ResourceLimits = { cpu: 2, gpu: 1, io: 8 }

interface Waiter {
  readonly start: () => void
  readonly refuse: (reason: unknown) => void
}

/** What a unit takes before its node's own code starts, and gives back after it. */
export interface SlotSource {
  /** Takes a slot when one is free. */
  take(resource: ResourceClass): boolean
  /** Resolves when a slot has become the caller's. */
  wait(resource: ResourceClass): Promise<void>
  release(resource: ResourceClass): void
}

export class Slots implements SlotSource {
  readonly #free: Record<ResourceClass, number>
  readonly #waiting: Record<ResourceClass, Waiter[]> = { cpu: [], gpu: [], io: [] }

  constructor(limits: Partial<ResourceLimits> = {}) {
    this.#free = { ...defaultResourceLimits, ...limits }
    for (const [name, limit] of Object.entries(this.#free)) {
      if (!(limit >= 1)) throw new RangeError(`execute: expected a limit of at least 1 for ${name}, got ${limit}`)
    }
  }

  take(resource: ResourceClass): boolean {
    if (this.#free[resource] <= 0) return false
    this.#free[resource]--
    return true
  }

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

  /** Whether anybody stands in line. */
  isWanted(resource: ResourceClass): boolean {
    return this.#waiting[resource].length > 0
  }

  /** Sends away all who wait. */
  close(reason: unknown): void {
    for (const waiting of Object.values(this.#waiting)) {
      for (const { refuse } of waiting.splice(0)) refuse(reason)
    }
  }
}

/** One slot for up to `most` items of a mapped node: taken by the first, given back by the last. */
export class SharedSlot implements SlotSource {
  readonly #slots: Slots
  readonly #most: number
  readonly #line: Waiter[] = []
  #running = 0
  #isAsking = false

  constructor(slots: Slots, most: number) {
    this.#slots = slots
    this.#most = most
  }

  take(resource: ResourceClass): boolean {
    if (this.#line.length > 0 || this.#running === this.#most) return false
    if (this.#running === 0 && !this.#slots.take(resource)) return false
    this.#running++
    return true
  }

  wait(resource: ResourceClass): Promise<void> {
    return new Promise((start, refuse) => {
      this.#line.push({ start, refuse })
      if (this.#running === 0) void this.#ask(resource)
    })
  }

  release(resource: ResourceClass): void {
    this.#running--
    if (!this.#slots.isWanted(resource)) this.#fill() // else all of ours end first, and others have their turn
    if (this.#running > 0) return
    this.#slots.release(resource)
    if (this.#line.length > 0) void this.#ask(resource)
  }

  async #ask(resource: ResourceClass): Promise<void> {
    if (this.#isAsking) return
    this.#isAsking = true
    try {
      if (!this.#slots.take(resource)) await this.#slots.wait(resource)
    } catch (reason) {
      for (const { refuse } of this.#line.splice(0)) refuse(reason)
      return
    } finally {
      this.#isAsking = false
    }
    this.#fill()
  }

  /** The slot is ours: as many start as may. */
  #fill(): void {
    while (this.#running < this.#most && this.#line.length > 0) {
      this.#running++
      this.#line.shift()!.start()
    }
  }
}
