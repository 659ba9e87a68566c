/** The pictures of a job, each once. */
import type { Job } from '@dreamgraph/protocol'

export interface JobPicture {
  readonly key: string
  readonly job: Job
  readonly digest: string
  /** Absent: an output of the workflow that was not saved. */
  readonly file?: string
}

/**
 * What a flow saves it mostly has as an output too: the same picture in other bytes, since the saved one carries its workflow.
 * So outputs are shown only where there are more of them than files.
 */
export function picturesOfJob(job: Job): JobPicture[] {
  const byDigest = new Map<string, JobPicture>()
  for (const { digest, mediaType, file } of job.outputs) {
    if (!digest || !mediaType?.startsWith('image/')) continue
    byDigest.set(digest, { key: `${job.id} ${digest}`, job, digest, file: file ?? byDigest.get(digest)?.file })
  }
  const all = [...byDigest.values()]
  const files = all.filter(({ file }) => file !== undefined)
  return files.length >= all.length - files.length ? files : all
}
