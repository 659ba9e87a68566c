// Opens models once and lends them to nodes. A loaded model is known by the content of its files, not by their paths.
import type { LoraRequest, Model, ModelFiles } from '@dreamgraph/dreamo'

/** A file that a run used: its role, its name and what was in it. */
export interface ModelLock {
  readonly role: string
  readonly file: string
  readonly sha256: string
}

/** A model as it flows through links. */
export interface LoadedModel {
  /** Stands for the content of all files and the LoRA weights. */
  readonly digest: string
  readonly model: Model
  readonly lock: readonly ModelLock[]
  /** Folder that presets look for DreamO's files in. */
  readonly folder: string | undefined
}

export interface ModelShelf {
  /** A model by its registered name, or by the path of its folder. */
  readonly open: (nameOrFolder: string, options: OpenOptions) => Promise<LoadedModel>
  /** A model from single files; parts that are not given come from the folder. */
  readonly openFiles: (
    files: Partial<ModelFiles> & { readonly folder?: string },
    options: OpenOptions,
  ) => Promise<LoadedModel>
  readonly addLoras: (base: LoadedModel, loras: readonly LoraRequest[], options: OpenOptions) => Promise<LoadedModel>
}

export interface OpenOptions {
  readonly signal?: AbortSignal
  readonly onProgress?: (done: number, total: number, label: string) => void
}
