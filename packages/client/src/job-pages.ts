/** The list of jobs, page by page. */
import type { JobPage } from '@dreamgraph/protocol'
import type { Call, RequestOf } from './call.js'

export type JobsQuery = NonNullable<RequestOf<'jobs'>['query']>

/** As `Client.jobs`. */
export async function* jobPages(
  call: Call,
  query: JobsQuery,
  signal?: AbortSignal,
): AsyncGenerator<JobPage, void, void> {
  for (let cursor = query.cursor; ; ) {
    const page = await call('jobs', { query: { ...query, cursor }, signal })
    yield page
    if (page.next === undefined) return
    cursor = page.next
  }
}
