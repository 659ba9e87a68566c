// Prompts that have not ended: each follows the log of its job, and what happens is told to the client that sent it.
import { decodePreview, endsJob, type JobEvent, type PreviewKind } from '@dreamgraph/protocol'
import type { Hub } from '../jobs/hub.js'
import { promptNodes } from './listing.js'
import type { Message } from './outcome.js'
import type { PromptRow, Records } from './records.js'
import { RunMessages } from './run-messages.js'
import type { ComfySockets } from './sockets.js'

export interface RunsOptions {
  readonly records: Records
  readonly hub: Hub
  readonly sockets: ComfySockets
  readonly readEvents: (job: string, since: number, limit: number) => Promise<readonly JobEvent[]>
  readonly onWant: (job: string, kinds: readonly PreviewKind[]) => void
  readonly onError: (error: unknown) => void
}

type RunRef = Pick<PromptRow, 'job' | 'owner' | 'client_id'>

interface Run extends RunRef {
  readonly unfollow: () => void
  /** Read when the job begins: a long queue need not be in memory. */
  messages: { readonly teller: RunMessages; readonly origins: Readonly<Record<string, string>> } | undefined
  /** Events follow each other. */
  turn: Promise<void>
}

const passing = new Set(['progress', 'progress_state'])
const pageEvents = 5000

export class Runs {
  readonly #options: RunsOptions
  readonly #runs = new Map<string, Run>()
  readonly #counts = new Map<string, number>()

  constructor(options: RunsOptions) {
    this.#options = options
  }

  /** After a start: what waits, and what workers of other machines may still be at. */
  async recover(): Promise<void> {
    for (const { state, ...ref } of await this.#options.records.unfinished()) {
      this.track(ref)
      if (state === 'running') await this.#catchUp(this.#runs.get(ref.job)!)
    }
  }

  /** What was told before the restart is not told again. */
  async #catchUp(run: Run): Promise<void> {
    const messages = await this.#load(run)
    for (let since = 0; ; ) {
      const events = await this.#options.readEvents(run.job, since, pageEvents)
      for (const event of events) messages?.teller.of(event)
      if (events.length < pageEvents) return
      since = events.at(-1)!.seq
    }
  }

  /** From before its first event on. */
  track(ref: RunRef): void {
    if (this.#runs.has(ref.job)) return
    const unfollow = this.#options.hub.follow(ref.job, (events) => {
      run.turn = run.turn.then(() => this.#tell(run, events)).catch(this.#options.onError)
    })
    const run: Run = { ...ref, unfollow, messages: undefined, turn: Promise.resolve() }
    this.#runs.set(ref.job, run)
    this.#count(ref.owner, 1)
    this.#want(run)
  }

  untrack(job: string): void {
    const run = this.#runs.get(job)
    if (!run) return
    run.unfollow()
    this.#runs.delete(job)
    this.#options.onWant(job, [])
    this.#count(run.owner, -1)
  }

  #count(owner: string, by: number): void {
    const count = this.remaining(owner) + by
    if (count === 0) this.#counts.delete(owner)
    else this.#counts.set(owner, count)
    this.#options.sockets.tellStatus(owner)
  }

  remaining(owner: string): number {
    return this.#counts.get(owner) ?? 0
  }

  async #tell(run: Run, events: readonly JobEvent[]): Promise<void> {
    for (const event of events) {
      if (event.type === 'started') await this.#load(run)
      for (const message of run.messages?.teller.of(event) ?? []) {
        this.#options.sockets.send(run.owner, run.client_id, message, passing.has(message.type))
      }
      if (endsJob(event)) this.untrack(run.job)
    }
  }

  async #load(run: Run): Promise<Run['messages']> {
    const row = run.messages ? undefined : await this.#options.records.find(run.owner, run.job)
    if (row) {
      const nodes = promptNodes(row)
      run.messages = { teller: new RunMessages(nodes, row.node_of), origins: nodes.origins }
    }
    return run.messages
  }

  /** Which node is at work, for a client that came late. */
  greeting(owner: string, clientId: string): Message[] {
    return this.#of(owner, clientId).flatMap(({ messages }) => {
      const current = messages?.teller.current
      return current === undefined ? [] : [messages!.teller.executing(current)]
    })
  }

  preview(job: string, kind: PreviewKind, frame: Uint8Array): void {
    const run = this.#runs.get(job)
    const preview = run?.messages && kind === 'picture' ? decodePreview(frame) : undefined
    const node = preview && run!.messages!.origins[preview.header.node]
    if (node === undefined) return
    const { mediaType } = preview!.header
    this.#options.sockets.preview(run!.owner, run!.client_id, { promptId: job, node, mediaType, bytes: preview!.bytes })
  }

  /** A client came or left: previews are made only where somebody looks. */
  clientChanged(owner: string, clientId: string): void {
    for (const run of this.#of(owner, clientId)) this.#want(run)
  }

  #want({ job, owner, client_id }: RunRef): void {
    this.#options.onWant(job, this.#options.sockets.has(owner, client_id) ? ['picture'] : [])
  }

  #of(owner: string, clientId: string): Run[] {
    return [...this.#runs.values()].filter((run) => run.owner === owner && run.client_id === clientId)
  }
}
