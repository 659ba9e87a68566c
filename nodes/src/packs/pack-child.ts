// One process of a pack, from its start to its end. It does one thing at a time, and whatever it says is checked here.
import { type ChildProcess, spawn } from 'node:child_process'
import { join, sep } from 'node:path'
import type { Duplex, Readable } from 'node:stream'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { JsonValue } from '@dreamgraph/graph'
import { NodesError, type NodesErrorCode } from '../errors.js'
import { encodeFrame, type Frame, frameReader } from './child/frames.mjs'
import type { Order, SocketValues } from './child/messages.mjs'
import type { PackLimits } from './limits.js'
import { watchMemory } from './memory-watch.js'
import type { PackFolder } from './pack-folder.js'
import { harmless, packLines } from './pack-output.js'
import { permissionOptions } from './permissions.js'
import { readReply } from './replies.js'

export interface PackChildOptions {
  readonly pack: PackFolder
  readonly limits: PackLimits
  readonly onLog: (line: string) => void
}

export interface PackAnswer {
  readonly outputs: readonly SocketValues[]
  readonly blobs: readonly Uint8Array[]
}

type OnProgress = (done: number, total: number, label?: string) => void

interface Waiting {
  readonly resolve: (value: PackAnswer | JsonValue) => void
  readonly reject: (reason: unknown) => void
  readonly onProgress: OnProgress
}

const maxMessageChars = 2000
const maxLabelChars = 200

// The compiled files also when this source runs uncompiled under the tests.
const childFolder = fileURLToPath(new URL('../../dist/packs/child/', import.meta.url))

export class PackChild {
  /** What the pack declares, unchecked. Rejects as `run` does. */
  readonly declared: Promise<JsonValue>
  /** Settles when the process is gone. */
  readonly gone: Promise<void>
  readonly #options: PackChildOptions
  readonly #process: ChildProcess
  readonly #channel: Duplex
  readonly #printed: { last(): string }
  #waiting: Waiting | undefined
  #ending: { readonly reason: unknown } | undefined
  #isGone = false
  #stopWatching = (): void => {}

  /** Starts the process. Throws nodes/packs-unavailable. */
  constructor(options: PackChildOptions) {
    const { pack, limits, onLog } = options
    this.#options = options
    const child = spawn(process.execPath, commandLine(pack, limits), {
      cwd: pack.folder,
      // Windows starts no process without this one.
      env: process.platform === 'win32' ? { SystemRoot: process.env.SystemRoot } : {},
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
      windowsHide: true,
    })
    this.#process = child
    this.#channel = child.stdio[3] as Duplex
    this.#printed = packLines([child.stdout!, child.stderr!], (line) => onLog(`pack ${pack.name}: ${line}`))
    this.gone = new Promise((resolve) => {
      child.once('close', (code, signal) => resolve(this.#died(signal ? `signal ${signal}` : `code ${code}`)))
      child.once('error', (error) => resolve(this.#died(error.message))) // it could not be started
    })
    const read = frameReader(limits.messageBytes, (frame) => this.#take(frame))
    this.#channel.on('data', (chunk: Uint8Array) => this.#guard(() => read(chunk)))
    this.#channel.on('error', () => {}) // its 'close' says what there is to say
    const overdue = setTimeout(() => this.end(this.overdue('load', limits.startMs)), limits.startMs)
    this.declared = (this.#wait(() => {}) as Promise<JsonValue>).finally(() => clearTimeout(overdue))
    this.declared.catch(() => {}) // who starts it listens later
  }

  get isGone(): boolean {
    return this.#isGone || this.#ending !== undefined
  }

  /** Runs a node once `declared` has resolved. Throws nodes/pack-failed, -ended, -overdue, -too-large, or what `end` was given. */
  run(order: Extract<Order, { op: 'run' }>, blobs: readonly Uint8Array[], onProgress: OnProgress): Promise<PackAnswer> {
    const frame = this.#encode(order, blobs)
    const answer = this.#wait(onProgress) as Promise<PackAnswer>
    for (const chunk of frame) this.#channel.write(chunk)
    return answer
  }

  /** Tells the running node to stop. */
  abort(): void {
    if (this.#waiting) for (const chunk of this.#encode({ op: 'abort' }, [])) this.#channel.write(chunk)
  }

  /** Ends the process at once; what it was doing rejects with `reason`. */
  end(reason?: unknown): void {
    this.#ending ??= { reason }
    this.#process.kill('SIGKILL')
  }

  /** Ends the process and waits until it is gone. */
  async stop(reason: unknown): Promise<void> {
    this.end(reason)
    this.#hold(true)
    await this.gone
  }

  overdue(what: string, ms: number): NodesError {
    return this.#error('nodes/pack-overdue', `expected to ${what} within ${ms / 1000} s, got no answer`)
  }

  #error(code: NodesErrorCode, message: string): NodesError {
    return new NodesError(code, `pack ${this.#options.pack.name}: ${harmless(message, maxMessageChars)}`)
  }

  #encode(order: Order, blobs: readonly Uint8Array[]): Uint8Array[] {
    try {
      return encodeFrame(order, blobs, this.#options.limits.messageBytes)
    } catch (error) {
      throw this.#error('nodes/pack-too-large', (error as Error).message)
    }
  }

  #wait(onProgress: OnProgress): Promise<PackAnswer | JsonValue> {
    const { memoryBytes } = this.#options.limits
    this.#hold(true)
    if (this.#process.pid !== undefined) {
      this.#stopWatching = watchMemory(this.#process.pid, memoryBytes, (rssBytes) => {
        const [limit, held] = [memoryBytes, rssBytes].map((bytes) => `${Math.round(bytes / 2 ** 20)} MiB`)
        this.end(this.#error('nodes/pack-too-large', `expected at most ${limit} of memory, got ${held}`))
      })
    }
    return new Promise<PackAnswer | JsonValue>((resolve, reject) => {
      this.#waiting = { resolve, reject, onProgress }
      if (this.#isGone) this.#settle()?.reject(this.#error('nodes/pack-ended', 'its process has ended'))
    })
  }

  #settle(): Waiting | undefined {
    const waiting = this.#waiting
    this.#waiting = undefined
    this.#stopWatching()
    this.#hold(false)
    return waiting
  }

  #take({ message, blobs }: Frame): void {
    const reply = readReply(message)
    if (reply.op === 'progress') {
      const { done, total, label } = reply
      this.#waiting?.onProgress(done, total, label === undefined ? label : harmless(label, maxLabelChars))
      return
    }
    const waiting = this.#settle()
    if (reply.op === 'ready') waiting?.resolve(reply.nodes)
    else if (reply.op === 'result') waiting?.resolve({ outputs: reply.outputs, blobs })
    else if (reply.op === 'failed')
      waiting?.reject(this.#error('nodes/pack-failed', `its node failed: ${reply.message}`))
    else waiting?.reject(this.#error('nodes/pack-invalid', `its module does not load: ${reply.message}`))
  }

  /** What breaks on data of the process is the end of the process. */
  #guard(read: () => void): void {
    if (this.#ending) return
    try {
      read()
    } catch (error) {
      const code = error instanceof RangeError ? 'nodes/pack-too-large' : 'nodes/pack-failed'
      this.end(this.#error(code, `its answer: ${(error as Error).message}`))
    }
  }

  #died(how: string): void {
    this.#isGone = true
    const last = this.#printed.last()
    const message = `its process ended (${how})${last && `; its last lines:\n${last}`}`
    this.#settle()?.reject(this.#ending ? this.#ending.reason : this.#error('nodes/pack-ended', message))
  }

  /** An idle child must not keep the program alive; a busy one must. */
  #hold(hold: boolean): void {
    const verb = hold ? 'ref' : 'unref'
    this.#process[verb]()
    for (const stream of [this.#channel, this.#process.stdout, this.#process.stderr])
      (stream as Refable | null)?.[verb]()
  }
}

type Refable = Readable & { ref(): void; unref(): void }

function commandLine({ folder, module }: PackFolder, { memoryBytes, messageBytes }: PackLimits): string[] {
  return [
    ...permissionOptions([childFolder, `${folder}${sep}`]),
    `--max-old-space-size=${Math.ceil(memoryBytes / 2 ** 20)}`,
    '--disable-warning=ExperimentalWarning', // permissions are one on Node 20
    '--no-deprecation',
    join(childFolder, 'main.mjs'),
    pathToFileURL(module).href,
    `${messageBytes}`,
  ]
}
