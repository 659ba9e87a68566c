/** Starts the child when it is needed, speaks with it, and turns its death into an error instead of our own. */

import { type ChildProcess, fork } from 'node:child_process'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { childEnvironment } from './child-environment.js'
import { RuntimeError } from './errors.js'
import { onLines } from './lines.js'
import type { ChildMemory, Envelope, Reply, Request, Results } from './messages.js'

/** The child reported an error of onnxruntime; the session that asked knows what it means. */
export class ChildFault extends Error {}

interface Pending {
  readonly child: ChildProcess
  readonly what: string
  resolve(value: unknown): void
  reject(error: Error): void
}

/** Lines of the child's own output kept for the message of its death. */
const keptLines = 12
/** Of little use there, and many. */
const stackFrame = /^\s+at /

export class ChildHost {
  /** Counts starts: what was loaded under another number is gone. */
  generation = 0
  memory: ChildMemory = { rssBytes: 0, peakRssBytes: 0 }

  readonly #onLog: (line: string) => void
  readonly #env: NodeJS.ProcessEnv
  readonly #pending = new Map<number, Pending>()
  #child: ChildProcess | undefined
  #lastLines: string[] = []
  #nextId = 1

  constructor(onLog: (line: string) => void, env = process.env) {
    this.#onLog = onLog
    this.#env = env
  }

  /** A host for another child, with the same ears and surroundings. */
  another(): ChildHost {
    return new ChildHost(this.#onLog, this.#env)
  }

  /** Of the living child. */
  get pid(): number | undefined {
    return this.#child?.connected ? this.#child.pid : undefined
  }

  /** Starts the child unless it lives. Call before comparing `generation`. */
  ensureStarted(): void {
    // A child that just ended is disconnected before its last output was read and 'close' tells of it.
    if (this.#child?.connected) return
    // The compiled file also when this source runs uncompiled under the tests.
    const file = fileURLToPath(new URL('../dist/child.js', import.meta.url))
    const child = fork(file, [], {
      serialization: 'advanced',
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      execArgv: [],
      env: childEnvironment(this.#env),
    })
    this.generation++
    this.#child = child
    this.#lastLines = []
    for (const stream of [child.stdout!, child.stderr!]) onLines(stream, (line) => this.#log(line))
    child.on('message', (reply: Reply) => this.#settle(reply))
    child.on('error', (error) => this.#onLog(`runtime child: ${error.message}`))
    // 'close' comes after the last line of output was read, 'exit' does not.
    child.once('close', (code, signal) => this.#died(child, code, signal))
    this.#holdProcess(false)
  }

  /** Sends one request. `what` names it in the error of a child that dies over it. */
  request<O extends Request['op']>(what: string, request: Extract<Request, { op: O }>): Promise<Results[O]> {
    this.ensureStarted()
    const child = this.#child!
    const id = this.#nextId++
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { child, what, resolve: resolve as (value: unknown) => void, reject })
      this.#holdProcess(true)
      // A failed send means the child is gone; its 'close' rejects what is pending, with the reason.
      child.send({ id, ...request } satisfies Envelope, () => {})
    })
  }

  kill(): void {
    this.#child?.kill('SIGKILL')
  }

  /** Ends the child and waits until it is gone. */
  async stop(): Promise<void> {
    const child = this.#child
    if (!child) return
    const closed = new Promise((resolve) => child.once('close', resolve))
    this.#holdProcess(true)
    child.kill('SIGKILL')
    await closed
  }

  #log(line: string): void {
    if (!stackFrame.test(line)) this.#lastLines = [...this.#lastLines, line].slice(-keptLines)
    this.#onLog(line)
  }

  #settle(reply: Reply): void {
    const pending = this.#pending.get(reply.id)
    this.#pending.delete(reply.id)
    if (this.#pending.size === 0) this.#holdProcess(false)
    this.memory = reply.memory
    if ('error' in reply) pending?.reject(new ChildFault(reply.error))
    else pending?.resolve(reply.value)
  }

  #died(child: ChildProcess, code: number | null, signal: NodeJS.Signals | null): void {
    if (this.#child === child) {
      this.#child = undefined
      this.memory = { rssBytes: 0, peakRssBytes: 0 }
    }
    const how = signal ? `signal ${signal}` : `exit code ${code}`
    // Nothing else sends SIGKILL to a process nobody asked to end.
    const hint = signal === 'SIGKILL' ? ' (usual cause: the out-of-memory killer of the system)' : busErrorHint(signal)
    const lines = this.#lastLines.length > 0 ? `; its last lines:\n${this.#lastLines.join('\n')}` : ''
    for (const [id, { child: asked, what, reject }] of this.#pending) {
      if (asked !== child) continue
      this.#pending.delete(id)
      const message = `${what}: expected the runtime's process to answer, got its end by ${how}${hint}${lines}`
      reject(new RuntimeError('runtime/child-died', message))
    }
  }

  /** An idle child must not keep the program alive; a busy one must. */
  #holdProcess(hold: boolean): void {
    const child = this.#child
    if (!child) return
    const verb = hold ? 'ref' : 'unref'
    child[verb]()
    child.channel?.[verb]()
    for (const stream of [child.stdout, child.stderr]) (stream as (Readable & Refable) | null)?.[verb]()
  }
}

/** Reading a mapped page that its file no longer has. */
function busErrorHint(signal: NodeJS.Signals | null): string {
  return signal === 'SIGBUS' ? ' (usual cause: a file of weights became shorter while it was in use)' : ''
}

interface Refable {
  ref(): void
  unref(): void
}
