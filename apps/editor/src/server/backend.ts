/** All that the editor wants of a server. Two things fulfil it: the real one over @dreamgraph/client, and the demo in memory. */
import type { CatalogueDescription, JsonValue, Problem } from '@dreamgraph/graph'
import type {
  ImportedWorkflow,
  Job,
  JobEvent,
  JobPage,
  MatchReport,
  MemoryForecast,
  ModelSummary,
  Move,
  PreviewFrame,
  QueueState,
  Revision,
  StoredWorkflow,
  Upload,
  WorkflowSummary,
} from '@dreamgraph/protocol'

export interface RunRequest {
  readonly text: string
  readonly inputs: Readonly<Record<string, JsonValue>>
  /** Only these nodes and what they need. */
  readonly targets?: readonly string[]
  readonly title?: string
  /** Runs before what waits. */
  readonly first?: boolean
}

export interface Following {
  onEvent(event: JobEvent): void
  onPreview(preview: PreviewFrame): void
  /** Nothing more will come although the job has not ended: it was removed, or its log cannot be read. */
  onLost(reason: Error): void
}

/** Whether the server answers. While it is away it is tried again without being told to. */
export interface Reachability {
  readonly isAway: boolean
  /** From now until the next try, milliseconds. */
  readonly retryInMs?: number
}

/** A save that would have overwritten someone else's: nothing was, and the text is kept beside. */
export interface Conflict {
  readonly conflict: true
  /** The revision that is there now. */
  readonly head: number
}

export interface Backend {
  readonly name: string
  /** Where one has signed in. */
  signOut?(): Promise<void>
  catalogue(): Promise<CatalogueDescription>
  /** Saved workflows and templates. */
  workflows(): Promise<readonly WorkflowSummary[]>
  /** The latest revision, or a certain one. */
  open(name: string, revision?: number): Promise<StoredWorkflow>
  /** Newest first, also those that were kept aside. */
  revisions(name: string): Promise<readonly Revision[]>
  /** `base` is the revision that was edited, 0 for a new workflow. */
  save(name: string, text: string, base: number): Promise<{ readonly revision: number } | Conflict>
  /** Findings that only the server can make; the editor finds most of them by itself. */
  check?(text: string): Promise<{ readonly errors: readonly Problem[]; readonly warnings: readonly Problem[] }>

  /** A workflow or picture of ComfyUI as a workflow; rejects with what is wrong with it. */
  importFlow?(bytes: Uint8Array, name: string): Promise<ImportedWorkflow>

  submit(request: RunRequest): Promise<Job>
  /** Everything of a job from its first event on. Returns what ends it. */
  follow(job: string, following: Following): () => void
  cancel(job: string): Promise<void>
  pause(job: string): Promise<void>
  resume(job: string): Promise<void>
  retry(job: string): Promise<void>
  move(job: string, where: Move): Promise<void>
  remove(job: string): Promise<void>
  /** Tells now and at every change. */
  onReachability?(listener: (state: Reachability) => void): () => void
  /** Tries at once, if the server is away. */
  reconnect?(): void

  /** Newest first. */
  jobs(): Promise<readonly Job[]>
  /** Ids of the jobs that wait, in the order in which they will run. */
  waiting(): Promise<readonly string[]>
  /** A page of finished jobs, newest first, by words of their title, workflow or prompt; `cursor` is the page's `next`. */
  findJobs(search: string, cursor?: string): Promise<JobPage>
  /** Calls back whenever some job may have changed. */
  onJobs(listener: () => void): () => void
  jobWorkflow(job: string): Promise<string>

  upload(file: File): Promise<Upload>
  /** Where the picture under a file param can be seen; undefined if it cannot, or while that is being found out. */
  fileUrl(file: string): string | undefined
  /** Calls back whenever more files can be seen. */
  onFiles(listener: () => void): () => void
  artifactUrl(digest: string): string
  /** A text that a job has left, such as a table. */
  artifactText(digest: string): Promise<string>
  thumbnailUrl(digest: string): string

  models(): Promise<readonly ModelSummary[]>
  modelReport(model: string): Promise<MatchReport>
  /** What a step of the sampler takes of memory with so many tokens. */
  modelMemory(
    model: string,
    tokens: { readonly text: number; readonly picture: number; readonly references: number },
  ): Promise<MemoryForecast>
  queue(): Promise<QueueState>
  setQueuePaused(paused: boolean): Promise<void>
}
