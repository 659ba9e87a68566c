/** Values that stay in the child between runs, under the names of inputs. Several sessions may share one state. */

import type { ChildHost } from './child-host.js'
import { RuntimeError } from './errors.js'
import type { Feeds } from './feeds.js'
import type { TensorData } from './tensor.js'

/**
 * Bound values have a copy here and are sent again to a new child. Carried values exist in the child alone: when it dies
 * they are lost, and every use fails with runtime/state-lost until `bind` gives new ones.
 */
export class SessionState {
  readonly key: number
  readonly #host: ChildHost
  readonly #bound = new Map<string, TensorData>()
  readonly #carried = new Set<string>()
  readonly #lost = new Set<string>()
  /** Bound since the last sending. */
  readonly #unsent = new Set<string>()
  #generation = 0

  constructor(host: ChildHost, key: number) {
    this.#host = host
    this.key = key
  }

  /** Every name that has, or had, a value. */
  names(): string[] {
    return [...this.#bound.keys(), ...this.#carried, ...this.#lost]
  }

  /** Of the values that are known here. */
  get bound(): ReadonlyMap<string, TensorData> {
    return this.#bound
  }

  bind(feeds: Feeds): void {
    this.#notice()
    for (const [name, tensor] of Object.entries(feeds)) {
      this.#bound.set(name, tensor)
      this.#unsent.add(name)
      this.#carried.delete(name)
      this.#lost.delete(name)
    }
  }

  /** Throws runtime/state-lost when a value of these names went with the child. */
  check(what: string, names: Iterable<string>): void {
    this.#notice()
    const lost = [...names].filter((name) => this.#lost.has(name))
    if (lost.length === 0) return
    const list = lost.slice(0, 3).join(', ') + (lost.length > 3 ? ` and ${lost.length - 3} more` : '')
    const rule = 'the state that earlier runs carried'
    throw new RuntimeError(
      'runtime/state-lost',
      `${what}: expected ${rule}, got none: the process that held ${list} ended`,
    )
  }

  /** Sends what the child lacks. */
  async send(what: string): Promise<void> {
    this.#notice()
    if (this.#unsent.size === 0) return
    const feeds = Object.fromEntries([...this.#unsent].map((name) => [name, this.#bound.get(name)!]))
    await this.#host.request<'bind'>(`${what}, bind`, { op: 'bind', state: this.key, feeds })
    this.#unsent.clear()
  }

  /** After a run: these inputs now hold what it computed. */
  carried(names: Iterable<string>): void {
    for (const name of names) {
      this.#bound.delete(name)
      this.#lost.delete(name)
      this.#carried.add(name)
    }
  }

  /** Gives up carried values, as when a run was cancelled and nobody knows whether it still took place. */
  lose(names: Iterable<string>): void {
    for (const name of names) {
      this.#bound.delete(name)
      this.#carried.delete(name)
      this.#lost.add(name)
    }
  }

  /** Frees all values, here and in the child. */
  async release(): Promise<void> {
    for (const names of [this.#bound, this.#carried, this.#lost, this.#unsent]) names.clear()
    if (this.#host.pid === undefined || this.#generation !== this.#host.generation) return
    await this.#host.request<'drop'>('state, release', { op: 'drop', state: this.key })
  }

  /** Takes note of a child that died: bound values go out again, carried ones are lost. */
  #notice(): void {
    this.#host.ensureStarted()
    if (this.#generation === this.#host.generation) return
    this.#generation = this.#host.generation
    for (const name of this.#bound.keys()) this.#unsent.add(name)
    this.lose([...this.#carried])
  }
}
