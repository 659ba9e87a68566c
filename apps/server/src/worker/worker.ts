// A worker: connects to a server, runs what it is given, and outlives the server's restarts.
import { totalmem } from 'node:os'
import { join } from 'node:path'
import type { QuantizeScheme } from '@dreamgraph/dreamo'
import { openWorkbench, type Workbench } from '@dreamgraph/nodes'
import {
  type Assignment,
  type Capabilities,
  type OrderFrame,
  orderFrame,
  protocolVersion,
  type WorkerFrame,
  workerPath,
} from '@dreamgraph/protocol'
import { makeFolder } from '@dreamgraph/store'
import { WebSocket } from 'ws'
import { removeOld } from '../files/remove-old.js'
import { areasOfPacks } from '../jobs/prepare.js'
import { runJob, tryFolder } from './job-run.js'
import { Outbox } from './outbox.js'
import { remoteCache } from './remote-cache.js'
import { ServerFiles } from './server-files.js'
import { type PreviewTeller, previewTeller } from './tell-previews.js'

export interface WorkerOptions {
  /** http://host:port of the server. */
  readonly url: string
  readonly token: string
  readonly name: string
  readonly device?: string
  /** How transformers are quantized where workflows do not say. */
  readonly quantize?: QuantizeScheme
  readonly home?: string
  /** Folders of node packs. */
  readonly packs?: readonly string[]
  /** Jobs at once; their models share the device. Default 1. */
  readonly slots?: number
  /** Whether results are also asked of, and given to, the server. A worker that shares the server's home need not. */
  readonly shareResults?: boolean
  readonly onLog: (line: string) => void
}

interface Running {
  readonly outbox: Outbox
  readonly cancel: AbortController
  readonly previews: PreviewTeller
  /** The server does not want to hear of it any more. */
  isLost: boolean
}

const firstWaitMs = 100
const longestWaitMs = 5000
/** Without a word of the server for so long, the connection is taken for broken. */
const silenceMs = 35_000
const capabilitiesEveryMs = 10_000
/** Of results; the others are read from disk. A worker that lives for weeks shall not take a gigabyte for them. */
const memoryCacheBytes = 16 * 2 ** 20

/** Folders of tries end with them, unless the worker is killed; no try runs for so long. */
const triesDays = 7
/** Without a job that uses them. */
const inputsDays = 30

/** Runs until `signal` says stop, then gives back what it holds. */
export async function runWorker(options: WorkerOptions, signal: AbortSignal): Promise<void> {
  const { url, token, onLog } = options
  const library = join(options.home ?? '.', 'library')
  await makeFolder(library) // inputs are looked for inside it, and a folder that is missing is a fault of its own
  const inputs = join(options.home ?? '.', 'inputs')
  const tries = join(options.home ?? '.', 'tries')
  await removeOld(tries, triesDays)
  await removeOld(inputs, inputsDays)
  const files = new ServerFiles({ url, token, folder: inputs })
  const bench = await openWorkbench({
    device: options.device as never,
    quantize: options.quantize,
    home: options.home,
    packs: options.packs,
    memoryCacheBytes,
    confineInputs: true,
    inputFolders: [library],
    outputFolder: tries,
    ...(options.shareResults && { store: remoteCache(files) }),
    onLog,
  })
  try {
    await new Connection(options, bench, files).serve(signal)
  } finally {
    await bench.close()
  }
}

class Connection {
  readonly #options: WorkerOptions
  readonly #bench: Workbench
  readonly #files: ServerFiles
  readonly #running = new Map<string, Running>()
  #socket: WebSocket | undefined
  #told = ''

  constructor(options: WorkerOptions, bench: Workbench, files: ServerFiles) {
    this.#options = options
    this.#bench = bench
    this.#files = files
  }

  async serve(signal: AbortSignal): Promise<void> {
    let waitMs = firstWaitMs
    while (!signal.aborted) {
      const wasWelcome = await this.#connect(signal)
      waitMs = wasWelcome ? firstWaitMs : Math.min(waitMs * 2, longestWaitMs)
      if (!signal.aborted) await new Promise((resolve) => setTimeout(resolve, waitMs * (0.5 + Math.random())))
    }
  }

  /** One connection, from its opening to its end; true when the server took us. */
  async #connect(signal: AbortSignal): Promise<boolean> {
    const { url, token, name } = this.#options
    const capabilities = await this.#capabilities()
    const socket = new WebSocket(url.replace(/^http/, 'ws') + workerPath, {
      headers: { authorization: `Bearer ${token}` },
      perMessageDeflate: false,
      handshakeTimeout: 10_000,
    })
    let isWelcome = false
    let silence: NodeJS.Timeout | undefined
    const heard = () => {
      clearTimeout(silence)
      silence = setTimeout(() => socket.terminate(), silenceMs)
    }
    const refresh = setInterval(() => void this.#refresh(), capabilitiesEveryMs)
    const leave = () => void this.#leave(socket)
    signal.addEventListener('abort', leave)
    await new Promise<void>((resolve) => {
      socket.on('open', () => {
        heard()
        this.#socket = socket
        const holding = [...this.#running.keys()]
        this.#send({ type: 'hello', protocol: protocolVersion, name, capabilities, holding })
        for (const { outbox } of this.#running.values()) outbox.again()
      })
      socket.on('ping', heard)
      socket.on('message', (data) => {
        heard()
        const order = orderFrame.safeParse(JSON.parse(String(data)))
        if (!order.success) return this.#options.onLog('worker: expected an order, got a frame of another form')
        isWelcome ||= order.data.type === 'welcome'
        this.#obey(order.data)
      })
      socket.on('error', (error) => this.#options.onLog(`worker: ${error.message}`))
      socket.on('close', () => resolve())
    })
    clearTimeout(silence)
    clearInterval(refresh)
    signal.removeEventListener('abort', leave)
    if (this.#socket === socket) this.#socket = undefined
    return isWelcome
  }

  #send(frame: WorkerFrame): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(frame))
  }

  #obey(order: OrderFrame): void {
    const running = 'lease' in order ? this.#running.get(order.lease) : undefined
    if (order.type === 'run') void this.#run(order.assignment)
    else if (order.type === 'cancel') running?.cancel.abort()
    else if (order.type === 'lost') this.#drop(order.lease)
    else if (order.type === 'ack') running?.outbox.ack(order.upTo)
    else if (order.type === 'error') this.#options.onLog(`server: ${order.message}`)
    else if (order.type === 'previews' && running) running.previews.kinds = new Set(order.kinds)
  }

  #drop(lease: string): void {
    const running = this.#running.get(lease)
    if (!running) return
    running.isLost = true
    running.cancel.abort()
    this.#running.delete(lease)
  }

  async #run(assignment: Assignment): Promise<void> {
    const { lease, job } = assignment
    const outbox = new Outbox(lease, (frame) => this.#send(frame))
    const previews = previewTeller(job, (frame) => this.#socket?.send(frame), this.#options.onLog)
    previews.kinds = new Set(assignment.previews)
    const running: Running = { outbox, cancel: new AbortController(), previews, isLost: false }
    this.#running.set(lease, running)
    const end = await runJob({
      bench: this.#bench,
      files: this.#files,
      assignment,
      folder: tryFolder(this.#options.home ?? '.', lease),
      previews,
      signal: running.cancel.signal,
      put: (event) => running.isLost || outbox.put(event),
    })
    if (running.isLost) return
    outbox.put(end)
    await whenEmpty(outbox, () => running.isLost)
    this.#running.delete(lease)
  }

  async #capabilities(): Promise<Capabilities> {
    const models = Object.keys(await this.#bench.models.list()).sort()
    const device = await this.#bench.deviceLine()
    const packs = areasOfPacks(this.#bench.catalogue.nodes.map(({ type }) => type))
    const capabilities = { device, memoryBytes: totalmem(), models, packs, slots: this.#options.slots ?? 1 }
    this.#told = JSON.stringify(capabilities)
    return capabilities
  }

  /** A model may have been added since. */
  async #refresh(): Promise<void> {
    const told = this.#told
    const capabilities = await this.#capabilities().catch(() => undefined)
    if (capabilities && this.#told !== told) this.#send({ type: 'capabilities', capabilities })
  }

  /** Gives back what is running; what it has finished is in the cache. */
  async #leave(socket: WebSocket): Promise<void> {
    this.#send({ type: 'stopping' })
    for (const [lease, running] of this.#running) {
      running.isLost = true // nothing of it is told after the next word
      running.outbox.put({ type: 'released' })
      const isOver = () => socket.readyState !== WebSocket.OPEN || !this.#running.has(lease)
      await whenEmpty(running.outbox, isOver)
      this.#drop(lease)
      running.cancel.abort()
    }
    socket.close(1000)
    setTimeout(() => socket.terminate(), 1000).unref()
  }
}

async function whenEmpty(outbox: Outbox, isOver: () => boolean): Promise<void> {
  while (!outbox.isEmpty && !isOver()) await new Promise((resolve) => setTimeout(resolve, 5))
}
