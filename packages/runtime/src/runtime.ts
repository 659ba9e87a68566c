/** Opens a runtime: decides on the device, owns the child, hands out sessions. */

import { availableParallelism } from 'node:os'
import { ChildHost } from './child-host.js'
import { chooseDevice } from './device.js'
import { RuntimeError } from './errors.js'
import type { Device, WeightPlacement } from './messages.js'
import type { ModelSource } from './model-source.js'
import { Pool } from './pool.js'
import { Session, type SessionOptions } from './session.js'
import { SessionState } from './session-state.js'
import { Turns } from './turns.js'

export interface RuntimeOptions {
  readonly device?: 'auto' | Device
  /** Threads of one op on the cpu. Default: the cores this process may use, control groups respected. */
  readonly threads?: number
  /** Most that all sessions may hold together by estimate. Default: what the system has. */
  readonly memoryLimitBytes?: number
  /** How long a cancelled request may still take before its process is killed, in ms. Default 250. */
  readonly graceMs?: number
  /** Takes each line that the child or onnxruntime prints. */
  readonly onLog?: (line: string) => void
  /** Everything onnxruntime has to say, e.g. which nodes of a model run on which device. Slow. Default false. */
  readonly verbose?: boolean
  /** Environment of the child, where drivers are selected. Default: process.env. */
  readonly env?: NodeJS.ProcessEnv
}

export interface RuntimeStatus {
  readonly device: Device
  readonly deviceLine: string
  /** Absent while no child lives. */
  readonly childPid: number | undefined
  /** Resident memory of the child as of its last answer, mapped weights included; with that of the one aside. */
  readonly rssBytes: number
  readonly peakRssBytes: number
  /** The most that models were expected to need at one time so far: the estimate that is held against the free memory. */
  readonly plannedBytes: number
  /** What is loaded, least recently used first; then what is loaded aside. */
  readonly sessions: readonly {
    readonly name: string
    readonly weights: WeightPlacement
    /** What its weights are held to take, see README, memory. */
    readonly weightBytes: number
  }[]
}

export class Runtime {
  readonly device: Device
  /** One line for people: what was chosen, and why the others were not. */
  readonly deviceLine: string
  readonly #pool: Pool
  #aside: Runtime | undefined

  constructor(pool: Pool, deviceLine: string) {
    this.#pool = pool
    this.device = pool.options.device
    this.deviceLine = deviceLine
  }

  /** Starts the child now, so that its start (about 0.1 s) overlaps with what the caller does next. Never needed. */
  start(): void {
    if (!this.#pool.closed) this.#pool.options.host.ensureStarted()
  }

  /** Makes a model callable. Costs nothing until its first load, bind or run. */
  session(source: ModelSource, options: SessionOptions = {}): Session {
    return new Session(this.#pool, source, options)
  }

  /** A state for sessions to share, see SessionOptions. It outlives them until its `release`. */
  state(): SessionState {
    return new SessionState(this.#pool.options.host, this.#pool.newKey())
  }

  /** Threads of one op on the cpu, where a session does not say otherwise. */
  get threads(): number {
    return this.#pool.options.threads
  }

  /**
   * A second child with half of the threads, started when it is first used: sessions in it run at the same time as sessions here.
   * For models so small that threads mostly wait for each other; give those here the other half. It shares what `status`
   * and `close` are about. Undefined with one thread, and off the cpu, where there is one device for all.
   */
  aside(): Runtime | undefined {
    if (this.device !== 'cpu' || this.threads < 2) return undefined
    this.#aside ??= new Runtime(this.#pool.another(Math.floor(this.threads / 2)), this.deviceLine)
    return this.#aside
  }

  status(): RuntimeStatus {
    const { host } = this.#pool.options
    const aside = this.#aside?.status()
    return {
      device: this.device,
      deviceLine: this.deviceLine,
      childPid: host.pid,
      rssBytes: host.memory.rssBytes + (aside?.rssBytes ?? 0),
      peakRssBytes: host.memory.peakRssBytes + (aside?.peakRssBytes ?? 0),
      plannedBytes: this.#pool.plannedBytes + (aside?.plannedBytes ?? 0),
      sessions: [
        ...[...this.#pool.residents.values()].map(({ name, weights, weightBytes }) => ({ name, weights, weightBytes })),
        ...(aside?.sessions ?? []),
      ],
    }
  }

  /** Ends the child, whatever it is doing. Later calls of the sessions fail with runtime/closed. */
  async close(): Promise<void> {
    this.#pool.closed = true
    await Promise.all([this.#pool.options.host.stop(), this.#aside?.close()])
  }
}

const devices: ReadonlySet<string> = new Set(['auto', 'cpu', 'webgpu', 'cuda'])

/** Errors: runtime/option-invalid, runtime/device-unavailable. */
export async function openRuntime(options: RuntimeOptions = {}): Promise<Runtime> {
  const {
    threads = availableParallelism(),
    graceMs = 250,
    onLog = () => {},
    verbose = false,
    env = process.env,
  } = options
  const memoryLimitBytes = options.memoryLimitBytes ?? Number.POSITIVE_INFINITY
  checkOption('threads', threads, Number.isSafeInteger(threads) && threads >= 1, 'a whole number from 1')
  checkOption('memoryLimitBytes', memoryLimitBytes, memoryLimitBytes > 0, 'a positive number of bytes')
  checkOption('graceMs', graceMs, graceMs >= 0 && graceMs <= 60_000, 'milliseconds from 0 to 60000')
  const wanted = options.device ?? 'auto'
  checkOption('device', wanted, devices.has(wanted), `one of ${[...devices].join(', ')}`)
  const { device, line } = await chooseDevice(wanted, env)
  const host = new ChildHost(onLog, env)
  const pool = new Pool({ host, turns: new Turns(), device, threads, graceMs, memoryLimitBytes, verbose })
  return new Runtime(pool, line)
}

function checkOption(name: string, value: unknown, valid: boolean, rule: string): void {
  if (!valid) throw new RuntimeError('runtime/option-invalid', `openRuntime, ${name}: expected ${rule}, got ${value}`)
}
