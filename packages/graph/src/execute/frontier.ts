/** Which nodes are needed, which of them are ready, and which values nobody waits for any more. No allocation per node. */
import type { Edges } from './prepared.js'

const idle = 0
const needed = 1
const done = 2
const none = -1

export class Frontier {
  readonly #edges: Edges
  readonly #state: Uint8Array
  /** Unfinished sources per node. */
  readonly #pending: Int32Array
  /** Unfinished consumers per node. */
  readonly #uses: Int32Array
  /** Per node a chain of the edges that wait for it: first and last edge, and the next of each edge. */
  readonly #first: Int32Array
  readonly #last: Int32Array
  readonly #next: Int32Array
  readonly #ready: number[] = []
  #head = 0
  #neededCount = 0

  constructor(edges: Edges) {
    const count = edges.start.length - 1
    this.#edges = edges
    this.#state = new Uint8Array(count)
    this.#pending = new Int32Array(count)
    this.#uses = new Int32Array(count)
    this.#first = new Int32Array(count).fill(none)
    this.#last = new Int32Array(count)
    this.#next = new Int32Array(edges.source.length)
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
    const { start, source } = this.#edges
    const ready: number[] = []
    const stack = [...targets]
    while (stack.length > 0) {
      const index = stack.pop()!
      if (this.#state[index] !== idle) continue
      this.#state[index] = needed
      this.#neededCount++
      for (let edge = start[index]!; edge < start[index + 1]!; edge++) {
        const from = source[edge]!
        this.#uses[from]!++
        if (this.#state[from] === done) continue
        this.#chain(from, edge)
        this.#pending[index]!++
        if (this.#state[from] === idle) stack.push(from)
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
    for (let edge = this.#first[index]!; edge !== none; edge = this.#next[edge]!) {
      const consumer = this.#edges.consumer[edge]!
      if (--this.#pending[consumer]! === 0) this.#ready.push(consumer)
    }
  }

  /** Calls `drop` for nodes whose last consumer was `index`: a big picture should not stay because a small node once looked at it. */
  release(index: number, drop: (node: number) => void): void {
    const { start, source } = this.#edges
    for (let edge = start[index]!; edge < start[index + 1]!; edge++) {
      const from = source[edge]!
      if (--this.#uses[from]! === 0) drop(from)
    }
  }

  #chain(from: number, edge: number): void {
    if (this.#first[from] === none) this.#first[from] = edge
    else this.#next[this.#last[from]!] = edge
    this.#last[from] = edge
    this.#next[edge] = none
  }
}
