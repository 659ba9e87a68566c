/** What waits, what runs and what is over. */
import type { Job } from '@dreamgraph/protocol'
import { Icon, type IconName } from '../app/icons.js'
import type { Workspace } from '../app/workspace.js'
import { followJob } from '../run/running.js'
import { shortTime } from '../run/short-time.js'
import { useSelect } from '../state/use-select.js'
import { LossesButton } from '../training/training-panel.js'
import { Panel } from './panel.js'

export function QueuePanel({ workspace }: { readonly workspace: Workspace }) {
  const { jobs, isPaused, waiting } = useSelect(workspace.server, (server) => server)
  const isOpen = ({ state }: Job): boolean => state === 'queued' || state === 'running' || state === 'paused'
  // What runs, then what waits in its order; a job that is newer than the order is the last.
  const place = ({ id, state }: Job): number =>
    state === 'running' ? -1 : waiting.includes(id) ? waiting.indexOf(id) : waiting.length
  const open = jobs.filter(isOpen).toSorted((a, b) => place(a) - place(b))
  const queued = open.filter(({ state }) => state !== 'running')
  const over = jobs.filter((job) => !isOpen(job))
  const pause = (
    <button
      type="button"
      className="icon-button"
      aria-pressed={isPaused}
      aria-label={isPaused ? 'Let jobs start again' : 'Hold the queue'}
      title={isPaused ? 'Let jobs start again' : 'Hold the queue: no further job starts'}
      onClick={() => void workspace.attempt(() => workspace.backend.setQueuePaused(!isPaused))}
    >
      <Icon name={isPaused ? 'play' : 'pause'} size={14} />
    </button>
  )
  return (
    <Panel title="Queue" side="left" workspace={workspace} actions={pause}>
      {jobs.length === 0 && <p className="panel-empty">Nothing has run yet. Press Run, or Ctrl+Enter.</p>}
      {isPaused && <p className="hint">The queue is held: no further job starts.</p>}
      {open.map((job) => {
        const at = queued.indexOf(job)
        return (
          <JobCard
            key={job.id}
            job={job}
            workspace={workspace}
            before={queued[at - 1]?.id}
            after={at < 0 ? undefined : queued[at + 1]?.id}
          />
        )
      })}
      {over.length > 0 && <h3>Over</h3>}
      {over.map((job) => (
        <JobCard key={job.id} job={job} workspace={workspace} />
      ))}
    </Panel>
  )
}

interface JobCardProps {
  readonly job: Job
  readonly workspace: Workspace
  /** Its neighbours in the queue. */
  readonly before?: string
  readonly after?: string
}

function JobCard({ job, workspace, before, after }: JobCardProps) {
  const { backend } = workspace
  const action = (name: string, icon: IconName, work: () => Promise<void>) => (
    <button
      type="button"
      className="icon-button"
      aria-label={`${name}: ${job.title}`}
      title={name}
      onClick={() =>
        void workspace.attempt(async () => {
          await work()
          await workspace.readJobs()
        })
      }
    >
      <Icon name={icon} size={13} />
    </button>
  )
  const picture = job.outputs.find(({ digest, mediaType }) => digest && mediaType?.startsWith('image/'))
  const losses = job.outputs.find(({ digest, mediaType }) => digest && mediaType === 'text/csv')
  const progress = job.nodes && job.nodes.total > 0 ? (job.nodes.done + (job.nodes.progress ?? 0)) / job.nodes.total : 0
  return (
    <article className={`job ${job.state}`}>
      {picture?.digest && (
        <button
          type="button"
          className="job-picture"
          aria-label={`Look at the picture of ${job.title}`}
          onClick={() => workspace.page.set({ dialog: { picture: picture.digest! } })}
        >
          <img src={backend.thumbnailUrl(picture.digest)} alt="" />
        </button>
      )}
      <div className="job-text">
        <button
          type="button"
          className="job-title"
          title="Show this run on the nodes"
          onClick={() => followJob(workspace, workspace.tab, job.id)}
        >
          {job.title}
        </button>
        <span className="dim">{jobLine(job)}</span>
        {job.state === 'running' && (
          <span className="bar">
            <span style={{ width: `${Math.min(1, progress) * 100}%` }} />
          </span>
        )}
        {job.error && <span className="bad-text clamp">{job.error.message}</span>}
      </div>
      <div className="job-actions">
        {losses?.digest && (
          <LossesButton workspace={workspace} title={losses.file ?? job.title} digest={losses.digest} />
        )}
        {before !== undefined && action('To the front', 'upload', () => backend.move(job.id, { to: 'first' }))}
        {before !== undefined && action('Earlier', 'up', () => backend.move(job.id, { before }))}
        {after !== undefined && action('Later', 'down', () => backend.move(job.id, { after }))}
        {job.state === 'queued' && action('Hold', 'pause', () => backend.pause(job.id))}
        {job.state === 'paused' && action('Go on', 'play', () => backend.resume(job.id))}
        {['queued', 'running', 'paused'].includes(job.state) && action('Cancel', 'stop', () => backend.cancel(job.id))}
        {['failed', 'cancelled'].includes(job.state) && action('Try again', 'retry', () => backend.retry(job.id))}
        {['finished', 'failed', 'cancelled'].includes(job.state) &&
          action('Open its workflow', 'file', async () =>
            workspace.openText(await backend.jobWorkflow(job.id), job.title),
          )}
        {['finished', 'failed', 'cancelled'].includes(job.state) &&
          action('Forget', 'trash', () => backend.remove(job.id))}
      </div>
    </article>
  )
}

function jobLine({ state, startedAtMs, endedAtMs, submittedAtMs, nodes }: Job): string {
  const time = new Date(submittedAtMs).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })
  if (state === 'running') return nodes?.current ? `${nodes.current} · ${nodes.done} of ${nodes.total}` : 'starting'
  if (state === 'queued') return `waits since ${time}`
  const took = startedAtMs !== undefined && endedAtMs !== undefined ? ` · ${shortTime(endedAtMs - startedAtMs)}` : ''
  return `${state}${took} · ${time}`
}
