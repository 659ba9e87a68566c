/** One model, callable. It survives the child: what was lost with it is loaded and bound again before the next run. */

import { ChildFault } from './child-host.js'
import { RuntimeError } from './errors.js'
import { checkComplete, checkFeeds, checkOutputs, type Feeds } from './feeds.js'
import { explainLoadFault } from './load-fault.js'
import { residentWeightBytes, runBytes } from './memory-plan.js'
import type { WeightPlacement } from './messages.js'
import type { ModelSource } from './model-source.js'
import type { Pool, Resident } from './pool.js'
import type { TensorData } from './tensor.js'
import { checkAborted } from './turns.js'

export interface SessionOptions {
  /** Where weights live, see WeightPlacement. Default 'mapped', which costs a few per cent of speed at most. */
  readonly weights?: WeightPlacement
}

export interface CallOptions {
  /** Aborting rejects the call at once with runtime/cancelled, in the middle of a load or of one long op too. */
  readonly signal?: AbortSignal
}

export interface RunOptions extends CallOptions {
  /** Outputs to compute and return; all of them by default. */
  readonly outputs?: readonly string[]
}

export class Session {
  readonly name: string
  readonly #pool: Pool
  readonly #source: ModelSource
  readonly #weights: WeightPlacement
  readonly #key: number
  readonly #bound = new Map<string, TensorData>()
  #released = false

  constructor(pool: Pool, source: ModelSource, options: SessionOptions) {
    this.name = source.name
    this.#pool = pool
    this.#source = source
    this.#weights = options.weights ?? 'mapped'
    this.#key = pool.newKey()
  }

  /** Opens the model unless it is open. `run` does the same; call this to learn of a bad model or file early. */
  async load({ signal }: CallOptions = {}): Promise<void> {
    await this.#turn('load', signal, () => this.#ensureLoaded(signal))
  }

  /**
   * Keeps inputs in the child for all later runs; a feed of the same name takes precedence for one run.
   * The arrays must not change afterwards: they are sent again to a new child.
   */
  async bind(feeds: Feeds, { signal }: CallOptions = {}): Promise<void> {
    await this.#turn('bind', signal, async () => {
      const resident = await this.#ensureLoaded(signal)
      checkFeeds(this.name, resident.inputs, feeds)
      for (const [name, tensor] of Object.entries(feeds)) this.#bound.set(name, tensor)
      resident.bindingsSent = false
      await this.#ensureBound(resident)
    })
  }

  /** Runs the model on one complete set of inputs: these feeds and the bound ones. */
  async run(feeds: Feeds, { signal, outputs }: RunOptions = {}): Promise<Record<string, TensorData>> {
    return this.#turn('run', signal, async () => {
      const resident = await this.#ensureLoaded(signal)
      const all = { ...Object.fromEntries(this.#bound), ...feeds }
      checkFeeds(this.name, resident.inputs, all)
      checkComplete(this.name, resident.inputs, new Set(Object.keys(all)))
      const wanted = outputs ?? resident.outputs.map((output) => output.name)
      checkOutputs(this.name, resident.outputs, wanted)
      await this.#pool.makeRoom(`${this.name}, run`, this.#key, runBytes(this.#source))
      await this.#ensureBound(resident)
      checkAborted(`${this.name}, run`, signal)
      return this.#runInChild(feeds, wanted)
    })
  }

  /** Frees what the model holds in the child. The session cannot be used afterwards. */
  async release(): Promise<void> {
    if (this.#released) return
    this.#released = true
    this.#bound.clear()
    const { turns, graceMs, host } = this.#pool.options
    const what = `${this.name}, release`
    await turns.take({ what, graceMs, onOverdue: () => host.kill() }, () => this.#pool.release(this.#key))
  }

  #turn<T>(verb: string, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    const { turns, host, graceMs } = this.#pool.options
    const what = `${this.name}, ${verb}`
    return turns.take({ what, signal, graceMs, onOverdue: () => host.kill() }, async () => {
      this.#checkOpen(what)
      try {
        return await work()
      } catch (error) {
        // Closing kills the child: the call did not fail, it was left behind.
        this.#checkOpen(what, error)
        throw error
      }
    })
  }

  #checkOpen(what: string, cause?: unknown): void {
    const closed = this.#released ? 'a released session' : this.#pool.closed ? 'a closed runtime' : undefined
    if (!closed) return
    throw new RuntimeError('runtime/closed', `${what}: expected an open session, got ${closed}`, { cause })
  }

  async #ensureLoaded(signal: AbortSignal | undefined): Promise<Resident> {
    const present = this.#pool.touch(this.#key)
    if (present) return present
    const { host, device, threads, verbose } = this.#pool.options
    const what = `${this.name}, load`
    const weights = this.#weights
    const weightBytes = residentWeightBytes(this.#source, weights)
    await this.#pool.makeRoom(what, this.#key, weightBytes + runBytes(this.#source))
    checkAborted(what, signal)
    const settings = { device, threads, weights, verbose }
    const request = { op: 'load', key: this.#key, model: this.#source.bytes, settings } as const
    const specs = await host.request<'load'>(what, request).catch((error: unknown) => {
      throw error instanceof ChildFault ? explainLoadFault(what, error) : error
    })
    const resident = { ...specs, name: this.name, weights, weightBytes, bindingsSent: false }
    this.#pool.add(this.#key, resident)
    checkAborted(what, signal)
    return resident
  }

  async #ensureBound(resident: Resident): Promise<void> {
    if (resident.bindingsSent) return
    if (this.#bound.size > 0) {
      const feeds = Object.fromEntries(this.#bound)
      await this.#pool.options.host.request<'bind'>(`${this.name}, bind`, { op: 'bind', key: this.#key, feeds })
    }
    resident.bindingsSent = true
  }

  async #runInChild(feeds: Feeds, outputs: readonly string[]): Promise<Record<string, TensorData>> {
    const what = `${this.name}, run`
    const request = { op: 'run', key: this.#key, feeds, outputs } as const
    return this.#pool.options.host.request<'run'>(what, request).catch((error: unknown) => {
      if (!(error instanceof ChildFault)) throw error
      const message = `${what}: expected onnxruntime to finish, got ${error.message}`
      throw new RuntimeError('runtime/run-failed', message, { cause: error })
    })
  }
}
