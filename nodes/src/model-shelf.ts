// Opens models once and lends them to nodes. A loaded model is known by the content of its files, not by their paths.
import { stat } from 'node:fs/promises'
import {
  type LoraRequest,
  type Model,
  type ModelFiles,
  modelFiles,
  openModel,
  type QuantizeScheme,
  Sessions,
  suitedLoraMode,
  withLoras,
} from '@dreamgraph/dreamo'
import type { Runtime } from '@dreamgraph/runtime'
import type { FileDigests } from '@dreamgraph/store'
import { NodesError } from './errors.js'
import { digestJson, digestOf, filesOf, lockOf, loraFilesOf, type ModelLock, type OpenOptions } from './model-lock.js'
import type { ModelRegistry } from './model-registry.js'
import { recent } from './recent.js'

/** A model as it flows through links. */
export interface LoadedModel {
  /** Stands for the content of all files, the LoRA weights and how LoRA is applied. */
  readonly digest: string
  readonly model: Model
  readonly lock: readonly ModelLock[]
  /** Folder that presets look for DreamO's files in; none for models from single files. */
  readonly folder: string | undefined
}

export interface ModelShelf {
  /** A model by its registered name, or by the path of its folder. Throws nodes/model-missing and what opening throws. */
  readonly open: (nameOrFolder: string, options: OpenOptions) => Promise<LoadedModel>
  /** A model from parts, in paths ready to open; parts that are not given come from the folder. */
  readonly openFiles: (
    folder: string | undefined,
    parts: Partial<ModelFiles>,
    options: OpenOptions,
  ) => Promise<LoadedModel>
  readonly addLoras: (base: LoadedModel, loras: readonly LoraRequest[], options: OpenOptions) => Promise<LoadedModel>
  /** The same model with LoRA as branches beside the weights, or fused into copies of them. */
  readonly setLoraMode: (base: LoadedModel, loraMode: Model['loraMode']) => LoadedModel
}

export interface ShelfSettings {
  readonly runtime: () => Promise<Runtime>
  readonly registry: ModelRegistry
  /** Turns a path as a user wrote it into one to open. */
  readonly resolve: (path: string) => Promise<string>
  readonly digests: FileDigests
  /** Where quantized weights are kept. */
  readonly home: string
  /** For models that are opened without a word about it. */
  readonly quantize?: QuantizeScheme
}

/** Models kept open, and LoRA stacks on them: views of files and tokenizers, some MB each. */
const keptModels = 8
const keptStacks = 32

/** A shelf over a runtime: models of equal content from equal paths share their sessions. */
export function openShelf({ runtime, registry, resolve, digests, home, quantize }: ShelfSettings): ModelShelf {
  const shelf = new Map<string, Sessions>()
  // A session knows its weights by path only. A file replaced in its place, be it a LoRA trained anew, needs sessions of
  // its own, or the old weights would go on. The weights given to LoRA are part of each session's graph, and not of this.
  const withSessions = async (loaded: LoadedModel): Promise<LoadedModel> => {
    const { files, loras } = loaded.model
    const key = JSON.stringify([files, loras.map(({ path }) => path), loaded.lock.map(({ sha256 }) => sha256)])
    const sessions = shelf.get(key) ?? new Sessions(await runtime())
    shelf.set(key, sessions)
    return { ...loaded, model: { ...loaded.model, sessions } }
  }

  // Opening takes half a second, mostly for tokenizers; to see that no file has changed takes a few stats.
  const models = recent<LoadedModel>(keptModels)
  const openFiles: ModelShelf['openFiles'] = async (folder, parts, options) => {
    const files = await modelFiles(folder, parts)
    const scheme = options.quantize ?? quantize
    const key = JSON.stringify([folder, files, scheme])
    const known = models.get(key)
    if (known && (await isUnchanged(known, digests, options))) return known
    const model = await openModel(files, await runtime(), { home, scheme }, options)
    const lock = await lockOf(await filesOf(model), digests, options)
    return models.set(key, await withSessions({ digest: digestOf(model, lock), model, lock, folder }))
  }

  const stacks = recent<LoadedModel>(keptStacks)
  const addLoras: ModelShelf['addLoras'] = async (base, loras, options) => {
    const locks: ModelLock[][] = []
    for (const { path } of loras) locks.push(await lockOf(await loraFilesOf(path), digests, options))
    const content = loras.map(({ weight }, i) => [...locks[i].map(({ sha256 }) => sha256), weight])
    const digest = digestJson([base.digest, content])
    const key = JSON.stringify([digest, base.folder, base.model.files, base.model.loras, loras])
    const known = stacks.get(key)
    if (known) return known
    // Only under the first ones: how those are put on may have been chosen.
    const loraMode = base.model.loras.length > 0 ? base.model.loraMode : suitedLoraMode(base.model)
    const model = await withLoras({ ...base.model, loraMode }, loras)
    return stacks.set(key, await withSessions({ ...base, digest, model, lock: [...base.lock, ...locks.flat()] }))
  }

  return {
    openFiles,
    addLoras,
    async open(nameOrFolder, options) {
      const models = await registry.list()
      const entry = models[nameOrFolder]
      if (entry) return openFiles(entry.folder, entry, options)
      const folder = await resolve(nameOrFolder)
      const found = await stat(folder).catch(() => undefined)
      if (found?.isDirectory()) return openFiles(folder, {}, options)
      const names = Object.keys(models)
      const known =
        names.length > 0 ? `a registered model (${names.join(', ')})` : 'a registered model (there are none)'
      const got = found ? `the file "${nameOrFolder}", which is for Load model from files` : `"${nameOrFolder}"`
      throw new NodesError('nodes/model-missing', `model: expected a folder or ${known}, got ${got}`)
    },
    setLoraMode: (base, loraMode) =>
      base.model.loraMode === loraMode
        ? base
        : { ...base, digest: digestJson([base.digest, loraMode]), model: { ...base.model, loraMode } },
  }
}

/** Whether a model's files still hold what they held, and no config has come or gone. */
async function isUnchanged({ model, lock }: LoadedModel, digests: FileDigests, options: OpenOptions): Promise<boolean> {
  const now = await lockOf(await filesOf(model), digests, options).catch(() => undefined)
  options.signal?.throwIfAborted()
  return JSON.stringify(now) === JSON.stringify(lock)
}
