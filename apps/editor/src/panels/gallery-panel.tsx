/** Pictures of all runs, newest first, found by words of their runs; two of them can be laid over each other. */
import type { Job } from '@dreamgraph/protocol'
import { useEffect, useState } from 'react'
import type { Workspace } from '../app/workspace.js'
import { useSelect } from '../state/use-select.js'
import { CompareSlider } from './compare-slider.js'
import { Panel } from './panel.js'
import { picturesOfJob } from './pictures-of-job.js'

const patienceMs = 250

export function GalleryPanel({ workspace }: { readonly workspace: Workspace }) {
  const [query, setQuery] = useState('')
  const { jobs, more, isReading } = useFinishedJobs(workspace, query.trim())
  const [chosen, setChosen] = useState<readonly string[]>([])
  const { backend } = workspace
  const pictures = jobs.flatMap(picturesOfJob)
  const digestOf = (key: string | undefined): string | undefined =>
    pictures.find((picture) => picture.key === key)?.digest
  const [first, second] = chosen.map(digestOf)
  const choose = (key: string): void => {
    setChosen(chosen.includes(key) ? chosen.filter((other) => other !== key) : [...chosen.slice(-1), key])
  }
  return (
    <Panel title="Gallery" side="left" workspace={workspace} className="gallery">
      <input
        className="search"
        type="search"
        placeholder="Search titles and prompts"
        aria-label="Search pictures"
        value={query}
        onChange={(event) => setQuery(event.target.value)}
      />
      {pictures.length === 0 && !isReading && (
        <p className="panel-empty">
          {query === '' ? 'Pictures of your runs will be here.' : 'No run has these words.'}
        </p>
      )}
      {first !== undefined && second !== undefined && (
        <CompareSlider before={backend.artifactUrl(first)} after={backend.artifactUrl(second)} />
      )}
      {pictures.length > 1 && <p className="dim hint">Choose two to compare them.</p>}
      <div className="pictures">
        {pictures.map(({ key, digest, job, file }) => (
          <figure key={key} className={chosen.includes(key) ? 'chosen' : ''}>
            <button
              type="button"
              aria-label={`Look at ${file ?? job.title}`}
              onClick={() => workspace.page.set({ dialog: { picture: digest } })}
            >
              <img src={backend.thumbnailUrl(digest)} alt={file ?? job.title} loading="lazy" />
            </button>
            <figcaption>
              <span className="clamp-line">{file ?? job.title}</span>
              <input
                type="checkbox"
                aria-label={`Compare ${file ?? job.title}`}
                checked={chosen.includes(key)}
                onChange={() => choose(key)}
              />
            </figcaption>
          </figure>
        ))}
      </div>
      {more && (
        <button type="button" className="button" onClick={more}>
          Show older ones
        </button>
      )}
    </Panel>
  )
}

interface Found {
  readonly query: string
  readonly items: readonly Job[]
  readonly next?: string
}

/** Pages of finished jobs with these words; the first is read anew when another job has finished. */
function useFinishedJobs(workspace: Workspace, query: string) {
  const newest = useSelect(workspace.server, ({ jobs }) => jobs.find(({ state }) => state === 'finished')?.endedAtMs)
  const [found, setFound] = useState<Found | undefined>(undefined)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the newest job says when to read again
  useEffect(() => {
    let isGone = false
    const timer = setTimeout(async () => {
      const page = await workspace.attempt(() => workspace.backend.findJobs(query))
      if (page && !isGone) setFound({ query, ...page })
    }, patienceMs)
    return () => {
      isGone = true
      clearTimeout(timer)
    }
  }, [workspace, query, newest])
  const more =
    found?.next === undefined
      ? undefined
      : async (): Promise<void> => {
          const page = await workspace.attempt(() => workspace.backend.findJobs(found.query, found.next))
          if (page) setFound({ query: found.query, items: [...found.items, ...page.items], next: page.next })
        }
  return { jobs: found?.items ?? [], more, isReading: found?.query !== query }
}
