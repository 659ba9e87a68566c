// Opens models once and lends them to nodes. A loaded model is known by the content of its files, not by their paths.
import { createHash } from 'node:crypto'
import { readdir, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import {
  type LoraRequest,
  type Model,
  type ModelFiles,
  modelFiles,
  openModel,
  Sessions,
  withLoras,
} from '@dreamgraph/dreamo'
import type { Runtime } from '@dreamgraph/runtime'
import type { FileDigests } from '@dreamgraph/store'
import { NodesError } from './errors.js'
import type { ModelRegistry } from './model-registry.js'

/** A file that a run used: its role, its name and what was in it. */
export interface ModelLock {
  readonly role: string
  readonly file: string
  readonly sha256: string
}

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

export interface OpenOptions {
  readonly signal?: AbortSignal
  readonly onProgress?: (done: number, total: number, label: string) => void
}

export interface ShelfSettings {
  readonly runtime: () => Promise<Runtime>
  readonly registry: ModelRegistry
  /** Turns a path as a user wrote it into one to open. */
  readonly resolve: (path: string) => Promise<string>
  readonly digests: FileDigests
}

/** A shelf over a runtime: models of equal content from equal paths share their sessions. */
export function openShelf(settings: ShelfSettings): ModelShelf {
  const shelf = new Map<string, Sessions>()
  // A session knows its weights by path only. A file replaced in its place, be it a LoRA trained anew, needs sessions of
  // its own, or the old weights would go on. The weights given to LoRA are part of each session's graph, and not of this.
  const withSessions = async (loaded: LoadedModel): Promise<LoadedModel> => {
    const { files, loras } = loaded.model
    const key = JSON.stringify([files, loras.map(({ path }) => path), loaded.lock.map(({ sha256 }) => sha256)])
    const sessions = shelf.get(key) ?? new Sessions(await settings.runtime())
    shelf.set(key, sessions)
    return { ...loaded, model: { ...loaded.model, sessions } }
  }

  const lockOf = async (files: readonly RoleFile[], { signal, onProgress }: OpenOptions): Promise<ModelLock[]> => {
    const lock: ModelLock[] = []
    for (const { role, path } of files) {
      const label = `hashing ${basename(path)}`
      const sha256 = await settings.digests.digest(path, {
        signal,
        onProgress: ({ doneBytes, totalBytes }) => onProgress?.(doneBytes, totalBytes, label),
      })
      lock.push({ role, file: basename(path), sha256 })
    }
    return lock
  }

  const openFiles: ModelShelf['openFiles'] = async (folder, parts, options) => {
    const files = await modelFiles(folder, parts)
    const model = await openModel(files, await settings.runtime())
    const lock = await lockOf(await filesOf(model), options)
    return withSessions({ digest: digestOf(model, lock), model, lock, folder })
  }

  return {
    openFiles,
    async open(nameOrFolder, options) {
      const models = await settings.registry.list()
      const entry = models[nameOrFolder]
      if (entry) return openFiles(entry.folder, entry, options)
      const folder = await settings.resolve(nameOrFolder)
      const found = await stat(folder).catch(() => undefined)
      if (found?.isDirectory()) return openFiles(folder, {}, options)
      const names = Object.keys(models)
      const known =
        names.length > 0 ? `a registered model (${names.join(', ')})` : 'a registered model (there are none)'
      const got = found ? `the file "${nameOrFolder}", which is for Load model from files` : `"${nameOrFolder}"`
      throw new NodesError('nodes/model-missing', `model: expected a folder or ${known}, got ${got}`)
    },
    async addLoras(base, loras, options) {
      const model = await withLoras(base.model, loras)
      const added = await lockOf(
        loras.map(({ path }) => ({ role: 'lora', path })),
        options,
      )
      const lock = [...base.lock, ...added]
      const weights = loras.map(({ weight }, i) => [added[i].sha256, weight])
      return withSessions({ ...base, digest: hash([base.digest, weights]), model, lock })
    },
    setLoraMode: (base, loraMode) =>
      base.model.loraMode === loraMode
        ? base
        : { ...base, digest: hash([base.digest, loraMode]), model: { ...base.model, loraMode } },
  }
}

interface RoleFile {
  readonly role: string
  readonly path: string
}

/** Every file that decides what a model computes: checkpoints, configs, tokenizers, schedule. */
async function filesOf({ files, transformer, vae, clip, t5 }: Model): Promise<RoleFile[]> {
  const checkpoints = { transformer, vae, textEncoder: clip, textEncoder2: t5 }
  const all: RoleFile[] = []
  for (const [role, path] of Object.entries(files) as [keyof ModelFiles, string][]) {
    const weights = role in checkpoints ? checkpoints[role as keyof typeof checkpoints].files : []
    for (const file of weights) all.push({ role, path: file })
    for (const file of await textFilesIn(path)) all.push({ role, path: file })
  }
  return all
}

/** The small files of a component folder, in a stable order. */
async function textFilesIn(path: string): Promise<string[]> {
  const names = await readdir(path).catch(() => [])
  const isSmall = (name: string): boolean =>
    /\.(json|txt|model)$/.test(name) && !name.endsWith('.safetensors.index.json')
  return names
    .filter(isSmall)
    .sort()
    .map((name) => join(path, name))
}

/** Configs count by what was read from them: a single file's may lie beside it or follow from its shapes. */
function digestOf({ transformer, vae, clip, t5, scheduler }: Model, lock: readonly ModelLock[]): string {
  const configs = [transformer.config, vae.config, clip.config, t5.config, scheduler]
  return hash([lock.map(({ role, sha256 }) => [role, sha256]), configs])
}

const hash = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex')
