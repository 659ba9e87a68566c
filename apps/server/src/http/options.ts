// What a server is started with, and the limits that hold unless somebody says otherwise.
import type { QuantizeScheme } from '@dreamgraph/dreamo'

export interface ServerLimits {
  /** Most bytes of a JSON body. */
  readonly bodyBytes: number
  readonly uploadBytes: number
  /** Of one file or result that a worker brings. */
  readonly artifactBytes: number
  readonly picturePixels: number
  /** Of a workflow, components expanded. */
  readonly nodes: number
  readonly queuedJobs: number
  readonly runtimeMs: number
  /** Requests of one client in a minute. */
  readonly requestsPerMinute: number
  /** Bytes of a text frame. */
  readonly frameBytes: number
  readonly clients: number
  /** Tries in a row that a job may lose with their workers without having finished a node; then it is taken for the cause. */
  readonly lostTries: number
}

export const defaultLimits: ServerLimits = {
  bodyBytes: 8 * 2 ** 20,
  uploadBytes: 64 * 2 ** 20,
  artifactBytes: 16 * 2 ** 30,
  picturePixels: 64e6,
  nodes: 10_000,
  queuedJobs: 100_000,
  runtimeMs: 24 * 3600_000,
  requestsPerMinute: 6000,
  frameBytes: 64 * 2 ** 10,
  clients: 5000,
  lostTries: 20,
}

export interface ServerOptions {
  /** Folder of database, artifacts and settings. */
  readonly data: string
  readonly host?: string
  /** 0 takes a free one. */
  readonly port?: number
  /** postgresql://…; default: embedded, in the data folder. */
  readonly databaseUrl?: string
  /** s3://…; default: a folder beside the data. */
  readonly artifacts?: string
  /** A token for everything; needed off loopback. */
  readonly token?: string
  /** Names under which the server is reached besides loopback ones. */
  readonly hosts?: readonly string[]
  readonly origins?: readonly string[]
  /** Workers that the server starts as children; 0 waits for others. Default: one for each GPU of CUDA, or one. */
  readonly workers?: number
  /** What they run models on. */
  readonly device?: string
  /** How they quantize transformers where workflows do not say. */
  readonly quantize?: QuantizeScheme
  /** Folders of node packs: the only code of others that runs, each in a process of its own. */
  readonly packs?: readonly string[]
  /** Folder of registry and cache; default as everywhere. */
  readonly home?: string
  /** Folders with `workflows` to offer as templates, and the pictures they use. */
  readonly libraries?: readonly string[]
  /** Built editor to serve at `/`. */
  readonly editor?: string
  readonly limits?: Partial<ServerLimits>
  /** How long a worker may be away before its jobs go to others. */
  readonly graceMs?: number
  readonly logLevel?: 'silent' | 'error' | 'warn' | 'info' | 'debug'
}
