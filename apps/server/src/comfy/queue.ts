// What ComfyUI's clients do with what waits, runs and has ended.
import type { Asker, Jobs } from '../jobs/jobs.js'
import { ServerProblem } from '../problem.js'
import type { PromptRow, Records } from './records.js'

interface Change {
  /** All of them. */
  readonly clear: boolean
  readonly ids: readonly string[]
}

interface Parts {
  readonly jobs: Jobs
  readonly records: Records
}

/** Takes prompts out that have not begun; what runs is interrupted instead. */
export async function changeQueue({ jobs, records }: Parts, asker: Asker, { clear, ids }: Change): Promise<undefined> {
  const wanted = new Set(ids)
  for (const { job } of await records.waiting(asker.name)) {
    if (clear || wanted.has(job)) await cancel(jobs, asker, job)
  }
}

/** Ends what runs: one prompt, or all of the submitter's. */
export async function interrupt({ jobs, records }: Parts, asker: Asker, id: string | undefined): Promise<undefined> {
  const isMeant = ({ job }: PromptRow) => id === undefined || job === id
  for (const { job } of (await records.running(asker.name)).filter(isMeant)) await cancel(jobs, asker, job)
}

export async function changeHistory(records: Records, asker: Asker, { clear, ids }: Change): Promise<undefined> {
  if (clear) await records.hide(asker.name)
  else if (ids.length > 0) await records.hide(asker.name, ids)
}

/** One that has ended meanwhile, or was removed, is as it should be. */
async function cancel(jobs: Jobs, asker: Asker, id: string): Promise<void> {
  await jobs.cancel(asker, id).catch((error) => {
    if (!(error instanceof ServerProblem)) throw error
  })
}
