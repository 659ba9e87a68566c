// The log of a job as ComfyUI's messages about its prompt. Several nodes of ours may do the work of one of theirs: it is
// executing from the first of them on, and done after the last.
import type { ComfyNodeOf } from '@dreamgraph/comfy'
import type { JobEvent, Output } from '@dreamgraph/protocol'
import { imagesOf } from './addresses.js'
import { cached, failed, interrupted, type Message, type PromptNodes, started, succeeded } from './outcome.js'

interface NodeState {
  /** Our nodes that have not ended. */
  readonly left: Set<string>
  isCached: boolean
  isBegun: boolean
  value: number
  max: number
}

export class RunMessages {
  readonly #nodes: PromptNodes
  readonly #nodeOf: ComfyNodeOf
  readonly #states = new Map<string, NodeState>()
  readonly #told = new Set<string>()
  #outputs: Output[] = []
  #current: string | undefined
  #isBegun = false

  constructor(nodes: PromptNodes, nodeOf: ComfyNodeOf) {
    this.#nodes = nodes
    this.#nodeOf = nodeOf
    this.#reset()
  }

  /** ComfyUI's node that is being executed. */
  get current(): string | undefined {
    return this.#current
  }

  #reset(): void {
    this.#current = undefined
    this.#states.clear()
    for (const [ours, theirs] of Object.entries(this.#nodes.origins)) {
      const state = this.#states.get(theirs) ?? { left: new Set(), isCached: true, isBegun: false, value: 0, max: 1 }
      state.left.add(ours)
      this.#states.set(theirs, state)
    }
  }

  /** What there is to tell of an event. */
  of(event: JobEvent): Message[] {
    const { id } = this.#nodes
    switch (event.type) {
      case 'started':
        this.#isBegun = true
        this.#reset()
        return [started(id, event.atMs), cached(id, [], event.atMs)]
      case 'node-started':
        return this.#execute(event.node)
      case 'node-progress':
        return [...this.#execute(event.node), ...this.#progress(event.node, event.done, event.total)]
      case 'node-finished':
      case 'node-cached':
        return this.#leave(event.node, event.type === 'node-cached', event.atMs)
      case 'output':
        this.#outputs.push(event.output)
        return []
      case 'finished':
        return [...this.#executed(), succeeded(id, event.atMs), this.executing(null)]
      case 'failed':
        return [failed(this.#nodes, event.error, this.#ended(event.atMs)), this.executing(null)]
      case 'cancelled':
        if (!this.#isBegun) return []
        return [interrupted(this.#nodes, { ...this.#ended(event.atMs), node: this.#current }), this.executing(null)]
      default:
        return []
    }
  }

  executing(node: string | null): Message {
    return { type: 'executing', data: { node, display_node: node, prompt_id: this.#nodes.id } }
  }

  #ended(atMs: number) {
    return { executed: [...this.#states].flatMap(([theirs, { left }]) => (left.size === 0 ? [theirs] : [])), atMs }
  }

  #execute(ours: string): Message[] {
    const theirs = this.#nodes.origins[ours]
    if (theirs === undefined) return []
    const state = this.#states.get(theirs)!
    if (this.#current === theirs && state.isBegun) return []
    this.#current = theirs
    state.isBegun = true
    return [this.executing(theirs), this.#allProgress()]
  }

  #progress(ours: string, value: number, max: number): Message[] {
    const theirs = this.#nodes.origins[ours]
    if (theirs === undefined) return []
    Object.assign(this.#states.get(theirs)!, { value, max })
    const data = { value, max, prompt_id: this.#nodes.id, node: theirs }
    return [{ type: 'progress', data }, this.#allProgress()]
  }

  #leave(ours: string, isCached: boolean, atMs: number): Message[] {
    const theirs = this.#nodes.origins[ours]
    const state = theirs === undefined ? undefined : this.#states.get(theirs)
    if (theirs === undefined || !state?.left.delete(ours)) return []
    state.isCached &&= isCached
    if (state.left.size > 0) return []
    state.value = state.max
    if (state.isCached) return [cached(this.#nodes.id, [theirs], atMs)]
    return [this.#allProgress(), ...this.#executed(theirs)]
  }

  /** What output nodes have given, each once. Pictures that are only shown come after the run, with its outputs. */
  #executed(only?: string): Message[] {
    const { id } = this.#nodes
    return Object.entries(imagesOf(id, this.#nodeOf, this.#outputs)).flatMap(([node, output]) => {
      if (this.#told.has(node) || (only !== undefined && only !== node)) return []
      this.#told.add(node)
      return [{ type: 'executed', data: { node, display_node: node, output, prompt_id: id } }]
    })
  }

  #allProgress(): Message {
    const { id } = this.#nodes
    const nodes = [...this.#states].filter(([, { isBegun }]) => isBegun)
    const shown = nodes.map(([node, { left, value, max }]) => {
      const state = left.size === 0 ? 'finished' : 'running'
      const ids = { node_id: node, prompt_id: id, display_node_id: node, parent_node_id: null, real_node_id: node }
      return [node, { value, max, state, ...ids }]
    })
    return { type: 'progress_state', data: { prompt_id: id, nodes: Object.fromEntries(shown) } }
  }
}
