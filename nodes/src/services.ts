// What the surroundings lend to nodes while they run: files, models, and the record of the run for saved pictures.
import { nodeDefiner } from '@dreamgraph/graph'
import type { Runtime } from '@dreamgraph/runtime'
import type { ModelLock } from './model-lock.js'
import type { ModelShelf } from './model-shelf.js'

export interface Services {
  readonly models: ModelShelf
  readonly files: FileAccess
  readonly record: RunRecord
  readonly work: WorkPlace
}

/** For work that outlasts a run: what was begun in one is finished in another. */
export interface WorkPlace {
  /** What models run on. */
  readonly runtime: () => Promise<Runtime>
  /** Absolute path of a folder that is kept for work of this digest, 64 hex digits. */
  readonly folder: (digest: string) => Promise<string>
}

/** Turns paths as users write them into paths to open. Who runs the flow decides what is reachable. */
export interface FileAccess {
  /** Absolute path of an input file. Throws store/path-outside where reading is confined. */
  readonly resolveInput: (path: string) => Promise<string>
  /** Absolute path of a file to write, inside the output folder; its parent folders exist afterwards. */
  readonly resolveOutput: (path: string) => Promise<string>
  /** SHA-256 of a file in hex, remembered as long as the file does not change. */
  readonly digest: (path: string, options?: { signal?: AbortSignal }) => Promise<string>
  /** Tells who runs the flow that a file was written. */
  readonly onWritten: (file: {
    readonly path: string
    readonly kind: 'image' | 'adapter' | 'losses'
    /** Its name ends with the next free number of the folder, as image/save gives it. */
    readonly isNumbered?: boolean
  }) => void
}

/** What a saved picture says about where it came from. */
export interface RunRecord {
  /** The workflow document as it ran, text; the values given to its declared inputs, as JSON. */
  readonly workflow: string
  readonly inputs: Readonly<Record<string, unknown>>
  /** Every model file that the run has used so far. */
  readonly models: () => readonly ModelLock[]
}

/** `defineNode` with these services. */
export const defineNode = nodeDefiner<Services>()
