/** The sessions that live in the child, least recently used first, and the memory they may hold together. */

import { totalmem } from 'node:os'
import { availableMemory } from './available-memory.js'
import type { ChildHost } from './child-host.js'
import { RuntimeError } from './errors.js'
import { formatGiB } from './memory-plan.js'
import type { Device, TensorSpecs, WeightPlacement } from './messages.js'
import { Turns } from './turns.js'

export interface Resident extends TensorSpecs {
  readonly name: string
  readonly weights: WeightPlacement
  readonly weightBytes: number
  /** Bytes of weights that stay mapped, by file. */
  readonly mappedFiles: ReadonlyMap<string, number>
  /** What its runs have left with it for the next ones. */
  keptBytes: number
}

export interface PoolOptions {
  readonly host: ChildHost
  readonly turns: Turns
  readonly device: Device
  readonly threads: number
  readonly graceMs: number
  readonly memoryLimitBytes: number
  readonly verbose: boolean
}

/** Share of the memory that sessions may keep between their runs, all together. */
const keptShare = 1 / 4
/** Share of the memory that mapped weights may fill with their pages, all together. */
const pagesShare = 3 / 4

export class Pool {
  readonly options: PoolOptions
  closed = false
  /** The most that sessions were held to need together, the runs under way with them. */
  plannedBytes = 0
  // In order of use: a Map keeps the order of insertion.
  readonly #residents = new Map<number, Resident>()
  #generation = 0
  #nextKey = 1

  constructor(options: PoolOptions) {
    this.options = options
  }

  /** A pool for another process, whose sessions have so many threads. Both look at the same free memory. */
  another(threads: number): Pool {
    const pool = new Pool({ ...this.options, host: this.options.host.another(), turns: new Turns(), threads })
    pool.closed = this.closed
    return pool
  }

  newKey(): number {
    return this.#nextKey++
  }

  /** Everything loaded in the living child; nothing after it died. */
  get residents(): ReadonlyMap<number, Resident> {
    if (this.#generation !== this.options.host.generation || this.options.host.pid === undefined) {
      this.#residents.clear()
      this.#generation = this.options.host.generation
    }
    return this.#residents
  }

  add(key: number, resident: Resident): void {
    this.residents // drops what an earlier child held
    this.#residents.set(key, resident)
  }

  /** Marks a session as the most recently used. */
  touch(key: number): Resident | undefined {
    const resident = this.residents.get(key)
    if (!resident) return undefined
    this.#residents.delete(key)
    this.#residents.set(key, resident)
    return resident
  }

  async release(key: number): Promise<void> {
    const resident = this.residents.get(key)
    if (!resident) return
    this.#residents.delete(key)
    await this.options.host.request<'release'>(`${resident.name}, release`, { op: 'release', key })
  }

  /** Bytes that may still be taken: the system's room, or what is left of the caller's own limit. */
  room(): number {
    return Math.min(availableMemory(), this.options.memoryLimitBytes - this.#heldBytes())
  }

  #heldBytes(): number {
    return [...this.residents.values()].reduce((sum, { weightBytes, keptBytes }) => sum + weightBytes + keptBytes, 0)
  }

  /**
   * Lets go of mapped weights, least recently used first, until these fit: the system takes pages by their last use alone, and
   * pages of a text encoder that is done are in the way of a transformer's all the same. Sessions on the same files share pages.
   */
  async makeRoomForPages(files: ReadonlyMap<string, number>): Promise<void> {
    const most = Math.min(totalmem(), this.options.memoryLimitBytes) * pagesShare
    for (const [key, { mappedFiles }] of [...this.residents]) {
      const together = [files, ...[...this.residents.values()].map((resident) => resident.mappedFiles)]
      if (pagesOf(together) <= most) return
      if ([...mappedFiles.keys()].some((file) => !files.has(file))) await this.release(key)
    }
  }

  /** Notes what a run has left with its session; the oldest of the others leave when all keep too much together. */
  async keep(key: number, keptBytes: number): Promise<void> {
    const resident = this.residents.get(key)
    if (!resident) return // the child has died in the meantime
    resident.keptBytes = keptBytes
    const most = Math.min(totalmem(), this.options.memoryLimitBytes) * keptShare
    const keepers = [...this.residents].filter(([, { keptBytes }]) => keptBytes > 0)
    let sum = keepers.reduce((sum, [, { keptBytes }]) => sum + keptBytes, 0)
    for (const [other, { keptBytes }] of keepers) {
      if (sum <= most) return
      if (other === key) continue
      await this.release(other)
      sum -= keptBytes
    }
  }

  /**
   * Releases sessions, least recently used first, until `needBytes` fit; never the session `key` itself.
   * Errors: runtime/not-enough-memory, with need and room.
   */
  async makeRoom(what: string, key: number, needBytes: number): Promise<void> {
    if (needBytes <= 0) return // to look what is free takes a third of a millisecond
    let room = this.room()
    while (room < needBytes) {
      const oldest = [...this.residents.keys()].find((other) => other !== key)
      if (oldest === undefined) {
        const message = `${what}: expected ${formatGiB(needBytes)} of free memory, got ${formatGiB(Math.max(0, room))}`
        throw new RuntimeError('runtime/not-enough-memory', message)
      }
      await this.release(oldest)
      room = this.room()
    }
    this.plannedBytes = Math.max(this.plannedBytes, this.#heldBytes() + needBytes)
  }
}

/** Bytes of all files, of each the most that anyone maps. */
function pagesOf(all: readonly ReadonlyMap<string, number>[]): number {
  const files = new Map<string, number>()
  for (const one of all) for (const [file, bytes] of one) files.set(file, Math.max(files.get(file) ?? 0, bytes))
  return [...files.values()].reduce((sum, bytes) => sum + bytes, 0)
}
