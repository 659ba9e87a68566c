// A model from a hub, under a name: the files come into the home folder, and the registry learns where they are.
import { join } from 'node:path'
import {
  type DownloadProgress,
  type DownloadResult,
  downloadFiles,
  type Hub,
  listHubFiles,
  openHub,
} from '@dreamgraph/store'
import { NodesError } from './errors.js'
import { assertModelName, type ModelEntry, type ModelRegistry } from './model-registry.js'
import { shippedModels } from './shipped-models.js'

export interface ModelRequest {
  /** That it gets here. */
  readonly name: string
  /** owner/name on the hub. */
  readonly repo: string
  /** Branch, tag or commit. Default `main`. */
  readonly revision?: string
  /** Paths, or patterns with `*`. Default: weights, configs and tokenizers. */
  readonly files?: readonly string[]
}

export interface ModelDownloadOptions {
  readonly registry: ModelRegistry
  readonly home: string
  /** Default: what the environment says, else huggingface.co. */
  readonly hub?: Hub
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: DownloadProgress) => void
  /** Is told of tries that failed. */
  readonly onLog?: (line: string) => void
}

export interface DownloadedModel extends DownloadResult {
  /** Where the files came to. */
  readonly folder: string
}

/**
 * Downloads a repository and registers it. One with a `model_index.json` is a model, and lies in `home/models/NAME`. Any
 * other is an addition, and lies in the model's folder under its own name: there presets look for `DreamO/` and
 * `FLUX.1-Turbo-Alpha/`. Called again it goes on. Throws nodes/model-name-*, and what `downloadFiles` throws.
 */
export async function downloadModel(request: ModelRequest, options: ModelDownloadOptions): Promise<DownloadedModel> {
  const { name, repo, revision, files: patterns } = request
  const { registry, home, hub = openHub(), signal, onProgress, onLog } = options
  assertModelName(name)
  if (Object.hasOwn(shippedModels(), name)) {
    const message = `models: expected a name of your own, got "${name}", which comes with dreamgraph`
    throw new NodesError('nodes/model-name-taken', message)
  }
  const listing = await listHubFiles(hub, { repo, revision, signal, onLog })
  const isModel = listing.files.some(({ path }) => path === 'model_index.json')
  const entryOf = async (): Promise<ModelEntry | undefined> => (await registry.list())[name]
  const own = join(home, 'models', name)
  const base = isModel ? own : ((await entryOf())?.folder ?? own)
  const folder = isModel ? base : join(base, repo.slice(repo.indexOf('/') + 1))
  const result = await downloadFiles({ hub, listing, folder, patterns, signal, onProgress, onLog })
  const entry = await entryOf() // hours later
  if (isModel) await registry.add(name, { folder: base })
  else if (entry?.folder !== base) await registry.add(name, { ...entry, folder: base })
  return { ...result, folder }
}
