// Who is told what: events to those who follow a job, changes of jobs to those who watch their list.
import type { Job, JobEvent } from '@dreamgraph/protocol'

type OnEvents = (events: readonly JobEvent[]) => void
export interface Watcher {
  /** Whose jobs; undefined: everybody's. */
  readonly owner: string | undefined
  readonly onJob: (job: Job) => void
  readonly onRemoved: (id: string) => void
}

export class Hub {
  readonly #followers = new Map<string, Set<OnEvents>>()
  readonly #watchers = new Set<Watcher>()

  /** Calls back with each batch of new events of a job, until the returned function is called. */
  follow(job: string, onEvents: OnEvents): () => void {
    const followers = this.#followers.get(job) ?? new Set()
    this.#followers.set(job, followers.add(onEvents))
    return () => {
      followers.delete(onEvents)
      if (followers.size === 0 && this.#followers.get(job) === followers) this.#followers.delete(job)
    }
  }

  watch(watcher: Watcher): () => void {
    this.#watchers.add(watcher)
    return () => this.#watchers.delete(watcher)
  }

  tell(job: string, events: readonly JobEvent[]): void {
    for (const onEvents of this.#followers.get(job) ?? []) onEvents(events)
  }

  get isWatched(): boolean {
    return this.#watchers.size > 0
  }

  tellJob(job: Job): void {
    for (const { owner, onJob } of this.#watchers) if (owner === undefined || owner === job.owner) onJob(job)
  }

  tellRemoved(id: string, jobOwner: string): void {
    for (const { owner, onRemoved } of this.#watchers) if (owner === undefined || owner === jobOwner) onRemoved(id)
  }
}
