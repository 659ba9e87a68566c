/** Which nodes are needed, which of them are ready, and which values nobody waits for any more. */
import type { Plan } from '../check/plan.js'

const idle = 0
const needed = 1
const done = 2

export class Frontier {
  readonly #plan: Plan<unknown>
  readonly #state: Uint8Array
  /** Unfinished sources per node. */
  readonly #pending: Int32Array
  /** Unfinished consumers per node. */
  readonly #uses: Int32Array
  readonly #dependents: (number[] | undefined)[]
  readonly #ready: number[] = []
  #head = 0
  #neededCount = 0

  constructor(plan: Plan<unknown>) {
    const count = plan.nodes.length
    this.#plan = plan
    this.#state = new Uint8Array(count)
    this.#pending = new Int32Array(count)
    this.#uses = new Int32Array(count)
    this.#dependents = new Array(count)
  }

  get neededCount(): number {
    return this.#neededCount
  }

  get hasReady(): boolean {
    return this.#head < this.#ready.length
  }

  /** Takes the next node whose sources are all there; ask `hasReady` first. */
  takeReady(): number {
    return this.#ready[this.#head++]!
  }

  isNeeded(index: number): boolean {
    return this.#state[index] !== idle
  }

  isDone(index: number): boolean {
    return this.#state[index] === done
  }

  /** Marks nodes and all that they need, except behind lazy inputs. */
  need(targets: readonly number[]): void {
    const { nodes } = this.#plan
    const ready: number[] = []
    const stack = targets.filter((target) => nodes[target]!.state === 'run')
    while (stack.length > 0) {
      const index = stack.pop()!
      if (this.#state[index] !== idle) continue
      this.#state[index] = needed
      this.#neededCount++
      for (const { sources, lazy } of nodes[index]!.inputs) {
        if (lazy) continue
        for (const { node } of sources) {
          if (node < 0) continue
          this.#uses[node]!++
          if (this.#state[node] === done) continue
          const dependents = this.#dependents[node]
          if (dependents) dependents.push(index)
          else this.#dependents[node] = [index]
          this.#pending[index]!++
          if (this.#state[node] === idle) stack.push(node)
        }
      }
      if (this.#pending[index] === 0) ready.push(index)
    }
    // In plan order, so that two runs of one plan start their nodes alike.
    for (const index of ready.sort((a, b) => a - b)) this.#ready.push(index)
  }

  /** Keeps a node's values to the end. */
  keep(index: number): void {
    this.#uses[index]!++
  }

  /** Notes that a node has its values; nodes that waited for nothing else become ready. */
  finish(index: number): void {
    this.#state[index] = done
    for (const dependent of this.#dependents[index] ?? []) {
      if (--this.#pending[dependent]! === 0) this.#ready.push(dependent)
    }
  }

  /** Nodes whose last consumer was `index`: a big picture should not stay because a small node once looked at it. */
  releasedBy(index: number): number[] {
    const released: number[] = []
    for (const { sources } of this.#plan.nodes[index]!.inputs) {
      for (const { node } of sources) if (node >= 0 && --this.#uses[node]! === 0) released.push(node)
    }
    return released
  }
}
