// The whole way of a submission: stored or given document, checked, its pictures kept, in the queue.
import type { Catalogue } from '@dreamgraph/graph'
import type { Services } from '@dreamgraph/nodes'
import type { Job, submission } from '@dreamgraph/protocol'
import type { z } from 'zod'
import type { Files } from '../files/files.js'
import type { Workflows } from '../workflows/workflows.js'
import type { Asker, Jobs } from './jobs.js'
import { parseDocument, prepareJob } from './prepare.js'

export type Submitter = (asker: Asker, given: z.output<typeof submission>) => Promise<Job>

export interface SubmitterOptions {
  readonly jobs: Jobs
  readonly files: Files
  readonly workflows: Workflows
  readonly catalogue: Catalogue<Services>
  readonly maxNodes: number
  readonly isModelName: (name: string) => boolean
  readonly onSubmitted: () => void
}

export function submitter(options: SubmitterOptions): Submitter {
  const { jobs, files, workflows, catalogue, maxNodes, isModelName, onSubmitted } = options
  return async (asker, given) => {
    const stored = given.name === undefined ? undefined : await workflows.read(asker, given.name, given.revision)
    const prepared = await prepareJob(parseDocument(stored?.text ?? given.workflow!), {
      catalogue,
      inputs: given.inputs,
      maxNodes,
      keepFile: (path) => files.keep(asker, path),
      isModelName,
    })
    const job = await jobs.submit(asker, given, prepared)
    onSubmitted()
    return job
  }
}
