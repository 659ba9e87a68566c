// Graphs become sessions of a runtime. Equal graphs share one session, so a second picture of the same size loads nothing.
import { createHash } from 'node:crypto'
import {
  emit,
  fusedAttentionTypes,
  graph,
  memoryOf,
  type Tensor,
  weightFilesOf,
  withoutFusedAttention,
} from '@dreamgraph/onnx'
import type { Device, Feeds, Runtime, Session, SessionOptions, TensorData } from '@dreamgraph/runtime'
import { fusedAttentionWorks } from './fused-attention.js'
import { halfWorks } from './half-works.js'

/** Runs that need less keep their memory for the next one, which is faster; larger ones give it back. */
const keptBytes = 2 ** 30

export class Sessions {
  readonly #runtime: Runtime
  readonly #open = new Map<string, Session>()
  readonly #threads: number | undefined
  #built = new WeakMap<object, Map<string, Promise<Session>>>()
  #halves: readonly [Sessions, Sessions] | undefined

  /** `threads` of each op; the runtime's where it is not told. */
  constructor(runtime: Runtime, threads?: number) {
    this.#runtime = runtime
    this.#threads = threads
  }

  get device(): Device {
    return this.#runtime.device
  }

  /** Whether the device computes in float16. */
  hasHalves(): Promise<boolean> {
    return halfWorks(this.#runtime)
  }

  /** Sessions that run at the same time, each with half of the threads; undefined where the runtime has no second process. */
  halves(): readonly [Sessions, Sessions] | undefined {
    const aside = this.#runtime.aside()
    if (!aside) return undefined
    this.#halves ??= [new Sessions(this.#runtime, this.#runtime.threads - aside.threads), new Sessions(aside)]
    return this.#halves
  }

  /** The session that computes these outputs. `name` appears in errors and in the runtime's status. */
  async of(name: string, outputs: Readonly<Record<string, Tensor>>, options: SessionOptions = {}): Promise<Session> {
    const built = graph(name, outputs)
    const kernels = fusedAttentionTypes(built).map((dtype) => fusedAttentionWorks(this.#runtime, dtype))
    const model = (await Promise.all(kernels)).every((works) => works) ? built : withoutFusedAttention(built)
    const bytes = emit(model)
    const key = createHash('sha256').update(bytes).digest('hex')
    const known = this.#open.get(key)
    if (known) return known
    const memory = memoryOf(model)
    const keepMemory = memory.peakActivationBytes <= keptBytes
    const session = this.#runtime.session(
      { name, bytes, ...memory, weightFiles: weightFilesOf(model) },
      { keepMemory, threads: this.#threads, ...options },
    )
    this.#open.set(key, session)
    return session
  }

  /**
   * The session that `build` gave for this owner and key before; else it builds. To build a graph and to tell it from others
   * takes milliseconds, as many as a small model takes to run. The owner holds the weights; the key says what else the graph
   * hangs on.
   */
  built(owner: object, key: string, build: () => Promise<Session>): Promise<Session> {
    const ofOwner = this.#built.get(owner) ?? new Map<string, Promise<Session>>()
    this.#built.set(owner, ofOwner)
    const session = ofOwner.get(key) ?? build()
    ofOwner.set(key, session)
    session.catch(() => ofOwner.delete(key)) // the next one tries again
    return session
  }

  /** Computes these outputs once and keeps nothing. */
  async once(
    name: string,
    outputs: Readonly<Record<string, Tensor>>,
    feeds: Feeds = {},
  ): Promise<Record<string, TensorData>> {
    const model = graph(name, outputs)
    const session = this.#runtime.session({ name, bytes: emit(model), ...memoryOf(model) })
    try {
      return await session.run(feeds)
    } finally {
      await session.release()
    }
  }

  /** Frees every session. */
  async release(): Promise<void> {
    const sessions = [...this.#open.values()]
    this.#open.clear()
    this.#built = new WeakMap()
    await Promise.all([...sessions, ...(this.#halves ?? [])].map((one) => one.release()))
  }
}
