/** Pictures of all runs, newest first; two of them can be laid over each other. */
import { useState } from 'react'
import type { Workspace } from '../app/workspace.js'
import { useSelect } from '../state/use-select.js'
import { CompareSlider } from './compare-slider.js'
import { Panel } from './panel.js'

export function GalleryPanel({ workspace }: { readonly workspace: Workspace }) {
  const jobs = useSelect(workspace.server, (server) => server.jobs)
  const [chosen, setChosen] = useState<readonly string[]>([])
  const { backend } = workspace
  const pictures = jobs.flatMap((job) =>
    job.outputs.flatMap((output) =>
      output.digest && output.mediaType?.startsWith('image/')
        ? [{ key: `${job.id} ${output.digest}`, job, digest: output.digest, file: output.file }]
        : [],
    ),
  )
  const digestOf = (key: string | undefined): string | undefined =>
    pictures.find((picture) => picture.key === key)?.digest
  const [first, second] = chosen.map(digestOf)
  const choose = (key: string): void => {
    setChosen(chosen.includes(key) ? chosen.filter((other) => other !== key) : [...chosen.slice(-1), key])
  }
  return (
    <Panel title="Gallery" side="left" workspace={workspace} className="gallery">
      {pictures.length === 0 && <p className="panel-empty">Pictures of your runs will be here.</p>}
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
    </Panel>
  )
}
