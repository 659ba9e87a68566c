/** One model, callable. It survives the child: what was lost with it is loaded and bound again before the next run. */

import { ChildFault } from './child-host.js'
import { RuntimeError } from './errors.js'
import { checkCarry, checkComplete, checkFeeds, checkOutputs, type Feeds } from './feeds.js'
import { explainLoadFault } from './load-fault.js'
import { defaultPlacement, residentWeightBytes, runBytes } from './memory-plan.js'
import type { WeightPlacement } from './messages.js'
import type { ModelSource } from './model-source.js'
import type { Pool, Resident } from './pool.js'
import { SessionState } from './session-state.js'
import type { TensorData } from './tensor.js'
import { checkAborted } from './turns.js'

export interface SessionOptions {
  /** Where weights live, see WeightPlacement. Default: packed where that takes little memory, see defaultPlacement; else mapped. */
  readonly weights?: WeightPlacement
  /**
   * Keep a run's memory for the next one instead of giving it back. Worth it for all that runs more than once: a third to two
   * thirds of the time otherwise goes into fresh pages. Default false.
   */
  readonly keepMemory?: boolean
  /** Threads of one op on the cpu. Default: the runtime's. */
  readonly threads?: number
  /**
   * Where `bind` and `carry` keep values. Sessions given the same state see the same values under equal input names.
   * Default: one of its own, which lives as long as the session.
   */
  readonly state?: SessionState
}

export interface CallOptions {
  /** Aborting rejects the call at once with runtime/cancelled, in the middle of a load or of one long op too. */
  readonly signal?: AbortSignal
}

export interface RunOptions extends CallOptions {
  /** Outputs to compute and return; by default all that are not carried. */
  readonly outputs?: readonly string[]
  /**
   * Output → input: the output stays in the child as the bound value of that input for later runs and does not cross
   * the process border. Lost with the child, or with a cancel while the run is under way: then runtime/state-lost.
   */
  readonly carry?: Readonly<Record<string, string>>
}

export class Session {
  readonly name: string
  readonly #pool: Pool
  readonly #source: ModelSource
  readonly #weights: WeightPlacement
  readonly #keepMemory: boolean
  readonly #threads: number
  readonly #key: number
  readonly #state: SessionState
  readonly #ownsState: boolean
  #released = false

  constructor(pool: Pool, source: ModelSource, options: SessionOptions) {
    this.name = source.name
    this.#pool = pool
    this.#source = source
    this.#weights = options.weights ?? defaultPlacement(source)
    this.#keepMemory = options.keepMemory ?? false
    this.#threads = options.threads ?? pool.options.threads
    this.#key = pool.newKey()
    this.#ownsState = options.state === undefined
    this.#state = options.state ?? new SessionState(pool.options.host, pool.newKey())
  }

  /** Opens the model unless it is open. `run` does the same; call this to learn of a bad model or file early. */
  async load({ signal }: CallOptions = {}): Promise<void> {
    await this.#turn('load', signal, () => this.#ensureLoaded(signal))
  }

  /**
   * Keeps inputs in the child for all later runs; a feed of the same name takes precedence for one run.
   * The arrays must not change afterwards: they are sent again to a new child. Takes the place of a carried value.
   */
  async bind(feeds: Feeds, { signal }: CallOptions = {}): Promise<void> {
    await this.#turn('bind', signal, async () => {
      const resident = await this.#ensureLoaded(signal)
      checkFeeds(this.name, resident.inputs, feeds)
      this.#state.bind(feeds)
      await this.#state.send(this.name)
    })
  }

  /** Runs the model on one complete set of inputs: these feeds and the bound ones. */
  async run(feeds: Feeds, { signal, outputs, carry = {} }: RunOptions = {}): Promise<Record<string, TensorData>> {
    return this.#turn('run', signal, async () => {
      const what = `${this.name}, run`
      const resident = await this.#ensureLoaded(signal)
      const inputs = resident.inputs.map((input) => input.name)
      const bound = inputs.flatMap((name) => {
        const value = this.#state.bound.get(name)
        return value ? [[name, value] as const] : []
      })
      checkFeeds(this.name, resident.inputs, { ...Object.fromEntries(bound), ...feeds })
      checkComplete(this.name, resident.inputs, new Set([...this.#state.names(), ...Object.keys(feeds)]))
      checkCarry(this.name, resident, carry)
      const wanted = outputs ?? resident.outputs.map((output) => output.name).filter((name) => !(name in carry))
      checkOutputs(this.name, resident.outputs, wanted)
      await this.#pool.makeRoom(what, this.#key, runBytes(this.#source) - resident.keptBytes)
      const fromState = inputs.filter((name) => !(name in feeds))
      this.#state.check(what, fromState)
      await this.#state.send(this.name)
      checkAborted(what, signal)
      const results = await this.#runInChild(feeds, wanted, carry)
      if (this.#keepMemory && resident.keptBytes === 0) await this.#pool.keep(this.#key, runBytes(this.#source))
      this.#state.carried(Object.values(carry))
      // The caller has been told of the cancel and cannot know that the state went one run further.
      if (signal?.aborted) this.#state.lose(Object.values(carry))
      return results
    })
  }

  /** Fetches bound and carried values by the names of their inputs. Errors: runtime/feed-missing, runtime/state-lost. */
  async read(names: readonly string[], { signal }: CallOptions = {}): Promise<Record<string, TensorData>> {
    return this.#turn('read', signal, async () => {
      const what = `${this.name}, read`
      this.#state.check(what, names)
      const held = new Set(this.#state.names())
      const missing = names.find((name) => !held.has(name))
      if (missing !== undefined) {
        throw new RuntimeError(
          'runtime/feed-missing',
          `${what}: expected a bound or carried value, got none for ${missing}`,
        )
      }
      await this.#state.send(this.name)
      return this.#pool.options.host.request<'read'>(what, { op: 'read', state: this.#state.key, names })
    })
  }

  /** Frees what the model holds in the child, until it is run again. */
  async unload(): Promise<void> {
    await this.#turn('unload', undefined, () => this.#pool.release(this.#key))
  }

  /** Frees what the model holds in the child. The session cannot be used afterwards. */
  async release(): Promise<void> {
    if (this.#released) return
    this.#released = true
    const { turns, graceMs, host } = this.#pool.options
    const what = `${this.name}, release`
    await turns.take({ what, graceMs, onOverdue: () => host.kill() }, async () => {
      await this.#pool.release(this.#key)
      if (this.#ownsState) await this.#state.release()
    })
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
    const { host, device, verbose } = this.#pool.options
    const what = `${this.name}, load`
    const weights = this.#weights
    const weightBytes = residentWeightBytes(this.#source, weights)
    const mappedFiles = weights === 'packed' ? new Map<string, number>() : filesOf(this.#source)
    await this.#pool.makeRoom(what, this.#key, weightBytes + runBytes(this.#source))
    await this.#pool.makeRoomForPages(mappedFiles)
    checkAborted(what, signal)
    const settings = { device, threads: this.#threads, weights, keepMemory: this.#keepMemory, verbose }
    const request = { op: 'load', key: this.#key, model: this.#source.bytes, settings } as const
    const specs = await host.request<'load'>(what, request).catch((error: unknown) => {
      throw error instanceof ChildFault ? explainLoadFault(what, error) : error
    })
    const resident = { ...specs, name: this.name, weights, weightBytes, mappedFiles, keptBytes: 0 }
    this.#pool.add(this.#key, resident)
    checkAborted(what, signal)
    return resident
  }

  async #runInChild(
    feeds: Feeds,
    outputs: readonly string[],
    carry: Readonly<Record<string, string>>,
  ): Promise<Record<string, TensorData>> {
    const what = `${this.name}, run`
    const request = { op: 'run', key: this.#key, feeds, outputs, state: this.#state.key, carry } as const
    return this.#pool.options.host.request<'run'>(what, request).catch((error: unknown) => {
      if (!(error instanceof ChildFault)) throw error
      const message = `${what}: expected onnxruntime to finish, got ${error.message}`
      throw new RuntimeError('runtime/run-failed', message, { cause: error })
    })
  }
}

const filesOf = ({ name, weightBytes, weightFiles }: ModelSource): ReadonlyMap<string, number> =>
  weightFiles ?? new Map([[name, weightBytes]])
