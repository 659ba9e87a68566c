// The workers that a server starts itself: child processes, started anew when they end.
import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { QuantizeScheme } from '@dreamgraph/dreamo'
import { localName } from '../jobs/local-name.js'
import { gpuOf } from './gpus.js'

export interface LocalWorkersOptions {
  readonly count: number
  readonly url: string
  readonly token: string
  readonly device: string | undefined
  readonly quantize: QuantizeScheme | undefined
  readonly home: string
  readonly packs: readonly string[]
  readonly onLog: (line: string) => void
  readonly onDeath: (name: string) => void
}

// The compiled file also when this source runs uncompiled under the tests.
const child = fileURLToPath(new URL('../../dist/worker/child.js', import.meta.url))
/** Before a worker is started anew; doubled while it ends at once. */
const restartMs = 200
const longestRestartMs = 30_000
const soundMs = 10_000

export class LocalWorkers {
  readonly #options: LocalWorkersOptions
  readonly #children = new Map<string, ChildProcess>()
  #isStopping = false

  constructor(options: LocalWorkersOptions) {
    this.#options = options
    for (let index = 1; index <= options.count; index++) this.#start(index, restartMs)
  }

  get pids(): number[] {
    return [...this.#children.values()].flatMap(({ pid }) => (pid === undefined ? [] : [pid]))
  }

  #start(index: number, waitMs: number): void {
    const { url, token, device, quantize, home, packs, onLog, onDeath } = this.#options
    const name = localName(index)
    const startedAtMs = Date.now()
    const settings = { url, token, name, device, quantize, home, packs }
    const gpu = gpuOf(index)
    const process = fork(child, [], {
      env: {
        ...globalThis.process.env,
        ...(gpu !== undefined && { CUDA_VISIBLE_DEVICES: gpu }),
        DREAMGRAPH_WORKER: JSON.stringify(settings),
      },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    this.#children.set(name, process)
    process.stderr!.setEncoding('utf8').on('data', (text: string) => {
      for (const line of text.split('\n')) if (line.trim()) onLog(`${name}: ${line}`)
    })
    process.on('error', (error) => onLog(`${name}: ${error.message}`))
    process.once('exit', (code, signal) => {
      this.#children.delete(name)
      onDeath(name)
      if (this.#isStopping) return
      onLog(`${name}: ended (${signal ?? code}); starting another`)
      const isSound = Date.now() - startedAtMs > soundMs
      const nextMs = isSound ? restartMs : Math.min(waitMs * 2, longestRestartMs)
      setTimeout(() => this.#isStopping || this.#start(index, nextMs), waitMs)
    })
  }

  /** Lets each give back its job, then ends it. */
  async stop(graceMs = 5000): Promise<void> {
    this.#isStopping = true
    await Promise.all(
      [...this.#children.values()].map(async (process) => {
        const ended = new Promise((resolve) => process.once('exit', resolve))
        if (process.connected) process.send('stop')
        const timer = setTimeout(() => process.kill('SIGKILL'), graceMs)
        await ended
        clearTimeout(timer)
      }),
    )
  }
}
