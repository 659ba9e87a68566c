// What each route does. Rules live with their subjects; this is only the wiring.
import { type Catalogue, check, describeCatalogue, type JsonObject, type Problem } from '@dreamgraph/graph'
import { readPictureRecord, type Services } from '@dreamgraph/nodes'
import { type Health, openApi, protocolVersion, type QueueState } from '@dreamgraph/protocol'
import type { Database } from '../database/database.js'
import type { ArtifactStore } from '../files/artifact-store.js'
import { checkDigest, type Files } from '../files/files.js'
import type { Boss } from '../jobs/boss.js'
import type { Dispatcher } from '../jobs/dispatcher.js'
import { listJobs, readEvents } from '../jobs/job-list.js'
import type { Asker, Jobs } from '../jobs/jobs.js'
import { parseDocument } from '../jobs/prepare.js'
import type { Submitter } from '../jobs/submit.js'
import type { Models } from '../models/models.js'
import { notFound, ServerProblem } from '../problem.js'
import type { Schedules } from '../schedules.js'
import type { Tokens } from '../security/tokens.js'
import { importFlow } from '../workflows/import-flow.js'
import type { Workflows } from '../workflows/workflows.js'
import type { Handlers } from './handler.js'

export interface Parts {
  readonly version: string
  readonly database: Database
  readonly catalogue: Catalogue<Services>
  readonly jobs: Jobs
  readonly submit: Submitter
  readonly boss: Boss
  readonly dispatcher: Dispatcher
  readonly files: Files
  readonly store: ArtifactStore
  readonly workflows: Workflows
  readonly models: Models
  readonly schedules: Schedules
  readonly tokens: Tokens
  readonly status: () => Health['status']
}

/** Most jobs named as unservable. */
const shownJobs = 100

export function handlersOf(parts: Parts): Handlers {
  const { database, jobs, dispatcher, files, store, workflows, models, schedules, tokens, version } = parts
  const description = describeCatalogue(parts.catalogue) as unknown as JsonObject
  const queue = () => queueState(parts)
  return {
    health: () => ({
      status: parts.status(),
      version,
      protocol: protocolVersion,
      uptimeSeconds: process.uptime(),
      database: database.kind,
      workers: dispatcher.workers.length,
    }),
    openapi: () => openApi(version),
    signIn({ body, setSession }) {
      const { name, scopes } = tokens.expect(body.token)
      setSession(body.token)
      return { name, scopes: [...scopes] }
    },
    signOut({ setSession }) {
      setSession(undefined)
      return undefined
    },
    nodes: () => description,

    submit({ asker, body }) {
      if (parts.status() !== 'stopping') return parts.submit(asker, body)
      throw new ServerProblem('server/stopping', 'jobs: expected a server that goes on, got one that stops')
    },
    async jobs({ asker, query }) {
      const page = await listJobs(database, { ...query, owner: ownerOf(asker) })
      return { ...page, items: page.items.map((job) => dispatcher.show(job)) }
    },
    job: ({ asker, params }) => jobs.get(asker, params.job),
    async removeJob({ asker, params }) {
      await jobs.remove(asker, params.job)
      return undefined
    },
    async jobEvents({ asker, params, query }) {
      await jobs.row(asker, params.job)
      const events = await readEvents(database, params.job, query.since, query.limit + 1)
      return { events: events.slice(0, query.limit), more: events.length > query.limit }
    },
    async jobWorkflow({ asker, params }) {
      const { document, inputs } = await jobs.task(asker, params.job)
      return { workflow: document, inputs }
    },
    cancel: ({ asker, params }) => jobs.cancel(asker, params.job),
    pause: ({ asker, params }) => jobs.pause(asker, params.job),
    resume: ({ asker, params }) => jobs.resume(asker, params.job),
    retry: ({ asker, params }) => jobs.retry(asker, params.job),
    move: ({ asker, params, body }) => jobs.move(asker, params.job, body),
    check({ body }) {
      const { document } = parseDocument(body.workflow)
      const checked = check(document, parts.catalogue, { inputs: body.inputs })
      return { errors: (checked.ok ? [] : checked.errors).map(told), warnings: checked.warnings.map(told) }
    },

    upload: ({ asker, query, body }) => files.upload(asker, query.name, body),
    uploads: ({ asker, query }) => files.uploads(asker, query),
    async inputFile({ asker, query }) {
      const digest = await files.find(asker, query.path)
      return { ...(digest !== undefined && { digest }) }
    },
    async artifact({ asker, identity, params, query }) {
      const found = await files.open(asker, params.digest, { isWorker: identity?.scopes.has('worker') })
      return { ...found, fileName: query.name ?? found.name, immutable: true }
    },
    async thumbnail({ asker, params, query }) {
      const bytes = await files.thumbnail(asker, params.digest, query.size)
      return { bytes, mediaType: 'image/webp', immutable: true }
    },
    async pictureWorkflow({ asker, params }) {
      const { bytes } = await files.read(asker, params.digest)
      const record = readPictureRecord(bytes)
      if (!record) throw notFound('workflow', `in artifact ${params.digest}`)
      return { workflow: record.workflow, inputs: { ...record.inputs } }
    },

    workflows: async ({ asker }) => ({ items: await workflows.list(asker) }),
    workflow: ({ asker, params, query }) => workflows.read(asker, params.name, query.revision),
    saveWorkflow: ({ asker, params, body }) => workflows.save(asker, params.name, body),
    revisions: async ({ asker, params }) => ({ items: await workflows.revisions(asker, params.name) }),
    async removeWorkflow({ asker, params }) {
      await workflows.remove(asker, params.name)
      return undefined
    },

    importWorkflow: ({ query, body }) => importFlow(body, query.name, parts.catalogue),

    models: async () => ({ items: await models.list() }),
    modelReport: ({ params }) => models.report(params.model),
    modelMemory: ({ params, query }) => models.memory(params.model, query),
    downloadModel: ({ body }) => models.download(body),
    async removeModel({ params }) {
      await models.remove(params.model)
      return undefined
    },
    downloads: () => ({ items: models.downloads() }),
    cancelDownload: ({ params }) => models.cancelDownload(params.id),

    queue,
    pauseQueue: () => pauseQueue(parts, true),
    resumeQueue: () => pauseQueue(parts, false),
    schedules: async ({ asker }) => ({ items: await schedules.list(ownerOf(asker)) }),
    async schedule({ asker, params, body }) {
      await workflows.read(asker, body.name) // now, when somebody is there to be told that it is missing
      return schedules.put(asker.name, params.id, body)
    },
    async removeSchedule({ asker, params, query }) {
      await schedules.remove(asker.isAdmin ? (query.owner ?? asker.name) : asker.name, params.id)
      return undefined
    },
    tokens: () => ({ items: tokens.list() }),
    addToken: ({ body }) => tokens.add(body),
    async removeToken({ params }) {
      await tokens.remove(params.name)
      return undefined
    },

    async storeArtifact({ params, body }) {
      await store.putStream(params.digest, checkDigest(body, params.digest))
      return undefined
    },
    async cachedResult({ params }) {
      const bytes = await store.get(`cache/${params.digest}`)
      if (!bytes) throw notFound('result', params.digest)
      return { bytes, mediaType: 'application/octet-stream' }
    },
    async storeResult({ params, body }) {
      await store.putStream(`cache/${params.digest}`, body)
      return undefined
    },
  }
}

/** Whose jobs an asker sees. */
const ownerOf = (asker: Asker): string | undefined => (asker.isAdmin ? undefined : asker.name)

const told = ({ value, rule, ...rest }: Problem) => rest

async function pauseQueue(parts: Parts, paused: boolean): Promise<QueueState> {
  parts.dispatcher.isPaused = paused
  await parts.database.query(
    `insert into settings values ('paused', $1::jsonb) on conflict (key) do update set value = excluded.value`,
    [JSON.stringify(paused)],
  )
  return queueState(parts)
}

async function queueState({ database, dispatcher, boss }: Parts): Promise<QueueState> {
  const servable = dispatcher.workers.flatMap(({ capabilities }) => boss.queuesWithin(capabilities))
  const [counts] = await database.query<{ queued: number; running: number }>(
    `select count(*) filter (where state = 'queued')::int as queued, count(*) filter (where state = 'running')::int as running
     from jobs where state in ('queued', 'running')`,
  )
  const unservable = await database.query<{ id: string }>(
    `select id from jobs where state = 'queued' and not queue = any($1) order by number limit $2`,
    [servable, shownJobs],
  )
  return {
    paused: dispatcher.isPaused,
    ...counts!,
    workers: dispatcher.workers.map(({ name, local, connectedAtMs, capabilities, live }) => ({
      name,
      local,
      connectedAtMs,
      capabilities,
      jobs: [...live.values()].map(({ job }) => job),
    })),
    unservable: unservable.map(({ id }) => id),
  }
}
