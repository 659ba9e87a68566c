// Which previews are wanted of a job, where several parts of the server have clients that look at it.
import type { PreviewKind } from '@dreamgraph/protocol'

export class PreviewWants {
  readonly #onWant: (job: string, kinds: readonly PreviewKind[]) => void
  /** job → part → kinds */
  readonly #wants = new Map<string, Map<string, readonly PreviewKind[]>>()

  constructor(onWant: (job: string, kinds: readonly PreviewKind[]) => void) {
    this.#onWant = onWant
  }

  /** What one part wants from now on, told on together with what the others do. */
  set(part: string, job: string, kinds: readonly PreviewKind[]): void {
    const wants = this.#wants.get(job) ?? new Map()
    if (kinds.length === 0 && !wants.has(part)) return
    if (kinds.length > 0) this.#wants.set(job, wants.set(part, kinds))
    else if (wants.delete(part) && wants.size === 0) this.#wants.delete(job)
    this.#onWant(job, [...new Set([...wants.values()].flat())])
  }
}
