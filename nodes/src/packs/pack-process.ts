// Keeps a pack's process for as long as there is work: one run after the other, started anew after its end.
import { NodesError } from '../errors.js'
import type { Order } from './child/messages.mjs'
import { type PackAnswer, PackChild, type PackChildOptions } from './pack-child.js'
import { readPackFolder } from './pack-folder.js'

export type RunOrder = Omit<Extract<Order, { op: 'run' }>, 'op'> & { readonly blobs: readonly Uint8Array[] }

export interface RunHooks {
  readonly signal: AbortSignal
  readonly progress: (done: number, total: number, label?: string) => void
}

export class PackProcess {
  readonly #options: PackChildOptions
  #child: PackChild | undefined
  #idle: NodeJS.Timeout | undefined
  #tail: Promise<unknown> = Promise.resolve()
  #isClosed = false

  constructor(options: PackChildOptions) {
    this.#options = options
  }

  /** What the pack declares, unchecked. Throws as `run` does. */
  async declared(): Promise<unknown> {
    this.#child = new PackChild(this.#options)
    const declared = await this.#child.declared
    this.#rest()
    return declared
  }

  /**
   * Runs a node after all earlier runs. An abort is told to the node, and ends the process where the node does not heed it.
   * Throws nodes/pack-failed, -ended, -overdue, -too-large, -changed, or the signal's reason.
   */
  run(order: RunOrder, hooks: RunHooks): Promise<PackAnswer> {
    const { signal } = hooks
    let isStarted = false
    const turn = this.#tail.then(() => {
      signal.throwIfAborted()
      isStarted = true
      return this.#run(order, hooks)
    })
    this.#tail = turn.catch(() => {})
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        if (!isStarted) reject(signal.reason)
      }
      signal.addEventListener('abort', leave, { once: true })
      turn.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave))
    })
  }

  /** Ends the process and waits until it is gone. */
  async close(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#idle)
    await this.#child?.stop(new Error('internal: the workbench of this pack was closed'))
  }

  async #run({ blobs, ...order }: RunOrder, { signal, progress }: RunHooks): Promise<PackAnswer> {
    const child = await this.#awake()
    const { limits } = this.#options
    let grace: NodeJS.Timeout | undefined
    const stop = (): void => {
      child.abort()
      grace = setTimeout(() => child.end(signal.reason), limits.graceMs)
    }
    let overdue: NodeJS.Timeout | undefined
    try {
      signal.addEventListener('abort', stop, { once: true })
      if (signal.aborted) stop()
      await child.declared
      overdue = setTimeout(() => child.end(child.overdue('run', limits.runMs)), limits.runMs)
      return await child.run({ op: 'run', ...order }, blobs, progress)
    } catch (error) {
      throw signal.aborted ? signal.reason : error
    } finally {
      signal.removeEventListener('abort', stop)
      clearTimeout(grace)
      clearTimeout(overdue)
      this.#rest()
    }
  }

  /** The living process, or a new one, of the very files that the pack was opened with. */
  async #awake(): Promise<PackChild> {
    clearTimeout(this.#idle)
    if (this.#child && !this.#child.isGone) return this.#child
    const { pack } = this.#options
    const { digest } = await readPackFolder(pack.folder)
    if (digest !== pack.digest) {
      const rule = 'the files that it was opened with'
      throw new NodesError('nodes/pack-changed', `pack ${pack.name}: expected ${rule}, got others; open it again`)
    }
    if (this.#isClosed) throw new Error('internal: the workbench of this pack was closed')
    this.#child = new PackChild(this.#options)
    return this.#child
  }

  #rest(): void {
    const child = this.#child
    clearTimeout(this.#idle)
    this.#idle = setTimeout(() => child?.end(), this.#options.limits.idleMs)
    this.#idle.unref()
  }
}
