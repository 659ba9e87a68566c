// Everything a flow needs to run, in one place: catalogue, models, cache, device. Command line, server and scripts share it.
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import type { QuantizeScheme } from '@dreamgraph/dreamo'
import {
  type CacheStore,
  type Catalogue,
  type CheckResult,
  catalogue as catalogueOf,
  check,
  DocumentError,
  type ExecutionEvent,
  execute,
  type JsonValue,
  type LoadedWorkflow,
  memoryCache,
  type Plan,
  type ResourceLimits,
  type ResultCache,
  type RunResult,
  tieredCache,
} from '@dreamgraph/graph'
import { openRuntime, type Runtime, type RuntimeOptions } from '@dreamgraph/runtime'
import { confinedPath, type DiskCache, fileDigests, makeFolder, openDiskCache } from '@dreamgraph/store'
import { nodeCatalogue } from './catalogue.js'
import { findInput } from './find-input.js'
import { type Forecast, forecast } from './forecast.js'
import { keptResults } from './kept-results.js'
import type { ModelLock } from './model-lock.js'
import { type ModelRegistry, openRegistry } from './model-registry.js'
import { type ModelShelf, openShelf } from './model-shelf.js'
import type { PackLimits } from './packs/limits.js'
import { openPacks } from './packs/open-packs.js'
import type { Services } from './services.js'
import { withSharedResults } from './shared-results.js'
import { shippedModels } from './shipped-models.js'
import { refuseWritten, tellingWriters, type WrittenFile } from './written-files.js'

export interface WorkbenchOptions {
  readonly device?: RuntimeOptions['device']
  readonly threads?: number
  /** Most that models may hold together. Default: what the system has. */
  readonly memoryLimitBytes?: number
  /** How to quantize the transformers of models whose nodes do not say. Default: not. */
  readonly quantize?: QuantizeScheme
  /** Where registry, cache and remembered digests live. Default: $DREAMGRAPH_HOME, else .dreamgraph in the user's folder. */
  readonly home?: string
  /** disk: memory before a folder under `home`; memory: for this workbench; none: every run starts afresh. Default disk. */
  readonly cache?: 'disk' | 'memory' | 'none'
  readonly maxCacheBytes?: number
  /** Most that results may hold in memory. Default 1 GiB. */
  readonly memoryCacheBytes?: number
  /**
   * A tier behind the cache, such as one that other machines share: asked when the cache has nothing, given what took
   * waiting. Its failures are misses. Unused where `cache` is none.
   */
  readonly store?: CacheStore
  /** Where relative paths of files are looked for, in order. Default: the working folder. */
  readonly inputFolders?: readonly string[]
  /** Refuse input files outside the input folders. Who runs flows of others sets this. */
  readonly confineInputs?: boolean
  /** Default: `out` in the working folder. */
  readonly outputFolder?: string
  readonly limits?: Partial<ResourceLimits>
  /** Folders of node packs: their nodes join the catalogue. They are code of others, so no workflow can name one. */
  readonly packs?: readonly string[]
  readonly packLimits?: Partial<PackLimits>
  /** Takes what the runtime, the cache and the packs have to say. */
  readonly onLog?: (line: string) => void
}

export interface BenchRunOptions {
  /** Values of declared inputs by name, as JSON. */
  readonly inputs?: Readonly<Record<string, JsonValue>>
  /** Node ids to run instead of everything. */
  readonly targets?: readonly string[]
  readonly signal?: AbortSignal
  readonly onEvent?: (event: ExecutionEvent) => void
  /** Which kinds of previews somebody looks at now, see ExecuteOptions. Default: none. */
  readonly wantsPreview?: (kind: string) => boolean
  /** False: this run finds nothing in the cache and leaves nothing there. */
  readonly cache?: boolean
  /** Asked first for an input file; undefined leaves it to the input folders. */
  readonly resolveInput?: (path: string) => Promise<string | undefined>
  /** Instead of the workbench's. */
  readonly outputFolder?: string
  /** Told of each file as it is written, with the node that wrote it. */
  readonly onWritten?: (file: WrittenFile) => void
}

export interface BenchRunResult extends RunResult {
  /** Files written, in order. */
  readonly written: readonly WrittenFile[]
  /** Every model file used. */
  readonly models: readonly ModelLock[]
}

export interface Workbench {
  readonly catalogue: Catalogue<Services>
  readonly home: string
  readonly models: ModelRegistry
  /** Absent without a disk cache. */
  readonly diskCache: DiskCache | undefined
  /** What models run on and why. Starts the runtime. */
  readonly deviceLine: () => Promise<string>
  readonly runtime: () => Promise<Runtime>
  /** A model by its registered name or folder. Throws nodes/model-missing and what opening throws. */
  readonly openModel: ModelShelf['open']
  /** SHA-256 of a file in hex, remembered as long as the file does not change. */
  readonly digest: (path: string) => Promise<string>
  /** A typed plan, or every error. */
  readonly check: (loaded: LoadedWorkflow, inputs?: Readonly<Record<string, JsonValue>>) => CheckResult<Services>
  /** Throws DocumentError with every error of the check, NodeFailed, RunCancelled. */
  readonly run: (loaded: LoadedWorkflow, options?: BenchRunOptions) => Promise<BenchRunResult>
  /** What a run would do, node by node; nothing is computed on models or written. Throws as run does. */
  readonly forecast: (
    loaded: LoadedWorkflow,
    options?: Omit<BenchRunOptions, 'onEvent' | 'wantsPreview'>,
  ) => Promise<Forecast>
  /** Resolves when what runs have found until now is in the cache, also for other processes that share it. */
  readonly settled: () => Promise<void>
  readonly close: () => Promise<void>
}

const defaultCacheBytes = 10 * 2 ** 30
const maxCacheEntries = 100_000

/** Opens a workbench; nothing but packs starts until it is needed. Throws nodes/pack-invalid. */
export async function openWorkbench(options: WorkbenchOptions = {}): Promise<Workbench> {
  const home = options.home ?? process.env.DREAMGRAPH_HOME ?? join(homedir(), '.dreamgraph')
  const { onLog = () => {}, device, threads, memoryLimitBytes } = options
  await makeFolder(home)
  const packs = await openPacks(options.packs ?? [], {
    besides: nodeCatalogue.nodes,
    limits: options.packLimits,
    onLog,
  })
  const catalogue = catalogueOf([...nodeCatalogue.nodes, ...packs.nodes])
  let opened: Promise<Runtime> | undefined
  const runtime = (): Promise<Runtime> => {
    opened ??= openRuntime({ device, threads, memoryLimitBytes, onLog }).catch((error) => {
      opened = undefined // the next run tries again
      throw error
    })
    return opened
  }
  const diskCache = (options.cache ?? 'disk') === 'disk' ? openCache(home, options, onLog) : undefined
  const memory = memoryCache({ maxBytes: options.memoryCacheBytes })
  const onStoreError = (error: unknown): void => onLog(String(error))
  const near = diskCache ? tieredCache(memory, diskCache, { onStoreError }) : memory
  const shared = options.store ? withSharedResults(near, options.store, onStoreError) : near
  const { cache, settled, drained } = keptResults(shared)
  const digests = fileDigests({ dir: join(home, 'digests') })
  const models = openRegistry(home, shippedModels())
  const folders = options.inputFolders ?? [process.cwd()]
  const resolve = (path: string): Promise<string> => findInput(path, folders, options.confineInputs ?? false)
  const digest: Services['files']['digest'] = (path, { signal } = {}) => digests.digest(path, { signal })
  const shelf = openShelf({ runtime, registry: models, resolve, digests, home, quantize: options.quantize })

  const lend = (loaded: LoadedWorkflow, { inputs = {}, resolveInput, outputFolder }: BenchRunOptions) => {
    const locks = new Map<string, ModelLock>()
    const services: Services = {
      models: recording(shelf, locks),
      files: {
        resolveInput: async (path) => (await resolveInput?.(path)) ?? resolve(path),
        resolveOutput: (path) => resolveOutput(outputFolder ?? options.outputFolder ?? 'out', path),
        digest,
        onWritten: refuseWritten,
      },
      record: { workflow: loaded.text, inputs, models: () => [...locks.values()] },
      work: { runtime, folder: (key) => workFolder(home, key) },
    }
    return { services, locks }
  }

  const run = async (
    loaded: LoadedWorkflow,
    plan: Plan<Services>,
    runOptions: BenchRunOptions,
  ): Promise<BenchRunResult> => {
    const { targets, signal, onEvent, wantsPreview, onWritten } = runOptions
    const { services, locks } = lend(loaded, runOptions)
    const written: WrittenFile[] = []
    const telling = tellingWriters(plan, (file) => {
      written.push(file)
      onWritten?.(file)
    })
    const isCached = options.cache !== 'none' && runOptions.cache !== false
    const result = await execute(telling, {
      services,
      cache: isCached ? (cache satisfies ResultCache) : memoryCache(),
      signal,
      onEvent,
      wantsPreview,
      targets,
      limits: options.limits,
      now: () => performance.now(),
    })
    return { ...result, written, models: [...locks.values()] }
  }

  return {
    catalogue,
    home,
    models,
    diskCache,
    runtime,
    openModel: shelf.open,
    digest,
    settled,
    deviceLine: async () => (await runtime()).deviceLine,
    check: (loaded, inputs = {}) => check(loaded.document, catalogue, { inputs }),
    async run(loaded, runOptions = {}) {
      const checked = check(loaded.document, catalogue, { inputs: runOptions.inputs ?? {} })
      if (checked.ok) return run(loaded, checked.plan, runOptions)
      const [first, ...rest] = checked.errors
      throw new DocumentError([first, ...rest])
    },
    forecast: (loaded, { inputs = {}, ...rest } = {}) => {
      const { services } = lend(loaded, { inputs })
      return forecast(loaded, { ...rest, inputs, services, cache, catalogue })
    },
    async close() {
      const running = await opened?.catch(() => undefined)
      await Promise.all([running?.close(), packs.close(), drained()])
    },
  }
}

const openCache = (home: string, options: WorkbenchOptions, onWarning: (line: string) => void): DiskCache =>
  openDiskCache({
    dir: join(home, 'cache'),
    maxBytes: options.maxCacheBytes ?? defaultCacheBytes,
    maxEntries: maxCacheEntries,
    onWarning,
  })

/** The shelf, with a note of every file that it hands out. */
function recording(shelf: ModelShelf, locks: Map<string, ModelLock>): ModelShelf {
  const note = <T extends { readonly lock: readonly ModelLock[] }>(loaded: T): T => {
    for (const lock of loaded.lock) locks.set(`${lock.role} ${lock.file} ${lock.sha256}`, lock)
    return loaded
  }
  return {
    open: async (...args) => note(await shelf.open(...args)),
    openFiles: async (...args) => note(await shelf.openFiles(...args)),
    addLoras: async (...args) => note(await shelf.addLoras(...args)),
    setLoraMode: (...args) => note(shelf.setLoraMode(...args)),
  }
}

async function workFolder(home: string, key: string): Promise<string> {
  const folder = join(home, 'work', key)
  await makeFolder(folder)
  return folder
}

/** A path inside the output folder, which is made as needed. */
async function resolveOutput(folder: string, path: string): Promise<string> {
  await makeFolder(folder)
  const resolved = await confinedPath(folder, path)
  await makeFolder(dirname(resolved))
  return resolved
}
