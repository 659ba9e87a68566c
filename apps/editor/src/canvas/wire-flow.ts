/**
 * The gesture of pulling a wire, as a flow of Rete's connection plugin. It only says what was done: whether a link may
 * be is asked of the owner, and making it is a recipe.
 */
import type { BaseSchemes } from 'rete'
import { type Context, Flow, type PickParams, type SocketData } from 'rete-connection-plugin'

export interface WireOwner {
  /** The other end of the link that a taken input already has: pulling it off goes on from there. */
  detach(socket: SocketData): SocketData | undefined
  /** A wire now hangs at the pointer. */
  begin(socket: SocketData): void
  connect(initial: SocketData, socket: SocketData): void
  /** Let go over no socket. */
  release(initial: SocketData): void
  end(): void
}

// biome-ignore lint/suspicious/noExplicitAny: the plugin leaves the types of its signals open in just this way
type Signals = any[]

export class WireFlow<S extends BaseSchemes> extends Flow<S, Signals> {
  #picked: SocketData | undefined
  readonly #owner: WireOwner

  constructor(owner: WireOwner) {
    super()
    this.#owner = owner
  }

  async pick({ socket, event }: PickParams, _context: Context<S, Signals>): Promise<void> {
    if (!this.#picked) {
      if (event !== 'down') return
      this.#picked = this.#owner.detach(socket) ?? socket
      this.#owner.begin(this.#picked)
      return
    }
    const isStart = socket.nodeId === this.#picked.nodeId && socket.key === this.#picked.key
    // A click on a socket holds the wire until the next click; so it also works without dragging.
    if (isStart && event === 'up') return
    const initial = this.#picked
    this.#finish()
    if (!isStart) this.#owner.connect(initial, socket)
  }

  getPickedSocket(): SocketData | undefined {
    return this.#picked
  }

  drop(_context: Context<S, Signals>): void {
    const initial = this.#picked
    if (!initial) return
    this.#finish()
    this.#owner.release(initial)
  }

  #finish(): void {
    this.#picked = undefined
    this.#owner.end()
  }
}
