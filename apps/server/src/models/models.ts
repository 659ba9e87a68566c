// Models by name, as clients see them: what there is, whether it fits, and more from the hub.
import type { SequenceLengths } from '@dreamgraph/dreamo'
import {
  checkModelEntry,
  downloadModel,
  type ModelEntry,
  type ModelRegistry,
  NodesError,
  openRegistry,
  shippedModels,
} from '@dreamgraph/nodes'
import type { Download, MatchReport, MemoryForecast, ModelSummary } from '@dreamgraph/protocol'
import { type Hub, openHub } from '@dreamgraph/store'
import { notFound } from '../problem.js'
import { type DownloadRequest, Downloads } from './downloads.js'
import { memoryForecast } from './memory.js'
import { describeReport } from './report.js'
import { summarize } from './summary.js'

export interface ModelsOptions {
  /** Folder of the registry; models are downloaded into `models` in it. */
  readonly home: string
  /** Default: the one in `home`, with the models that come along. */
  readonly registry?: ModelRegistry
  /** Default: what the environment says, else huggingface.co. */
  readonly hub?: Hub
  readonly onLog?: (line: string) => void
}

export interface Models {
  readonly names: () => Promise<string[]>
  readonly list: () => Promise<ModelSummary[]>
  /** Throws request/not-found. */
  readonly report: (name: string) => Promise<MatchReport>
  /** What a step of the sampler takes. Throws request/not-found, and what opening the transformer throws. */
  readonly memory: (name: string, lengths: SequenceLengths) => Promise<MemoryForecast>
  /**
   * Starts a download in the background, or joins an equal one that runs. Several for one name run one after the other: a
   * model, then what is added to it. What goes wrong later stands in the download's `error`.
   */
  readonly download: (request: DownloadRequest) => Promise<Download>
  /** Since the start, newest first. */
  readonly downloads: () => Download[]
  /** As it is once it has stopped; one that has ended stays as it is. Throws request/not-found. */
  readonly cancelDownload: (id: string) => Promise<Download>
  /** Forgets a name; the files stay. Throws request/not-found, and nodes/model-name-taken for one that comes along. */
  readonly remove: (name: string) => Promise<void>
  /** Stops all downloads; what has come is kept for the next try. */
  readonly close: () => Promise<void>
}

/** Opens the models of a home folder. Throws store/hub-invalid where $DREAMGRAPH_HUB_URL is no address. */
export async function openModels({ home, hub = openHub(), onLog, ...options }: ModelsOptions): Promise<Models> {
  const shipped = shippedModels()
  const registry = options.registry ?? openRegistry(home, shipped)
  const isShipped = (name: string, { folder }: ModelEntry): boolean =>
    Object.hasOwn(shipped, name) && shipped[name]!.folder === folder
  const downloads = new Downloads(
    (request, { signal, onProgress }) => downloadModel(request, { registry, home, hub, signal, onProgress, onLog }),
    (bug) => onLog?.(`download: ${(bug as Error).stack ?? bug}`),
  )
  return {
    names: async () => Object.keys(await registry.list()),
    async list() {
      const entries = Object.entries(await registry.list())
      return Promise.all(entries.map(([name, entry]) => summarize(name, entry, isShipped(name, entry))))
    },
    async report(name) {
      const entry = (await registry.list())[name]
      if (!entry) throw notFound('model', name)
      return describeReport(name, await checkModelEntry(entry))
    },
    async memory(name, lengths) {
      const entry = (await registry.list())[name]
      if (!entry) throw notFound('model', name)
      return memoryForecast(entry, lengths)
    },
    download: async (request) => downloads.start(request),
    downloads: () => downloads.list(),
    cancelDownload: (id) => downloads.cancel(id),
    async remove(name) {
      const entry = (await registry.list())[name]
      if (entry && isShipped(name, entry)) {
        const message = `models: expected a name that was added, got "${name}", which comes with dreamgraph`
        throw new NodesError('nodes/model-name-taken', message)
      }
      if (!(await registry.remove(name))) throw notFound('model', name)
    },
    close: () => downloads.close(),
  }
}
