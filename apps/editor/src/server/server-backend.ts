/** The server behind the page's own address, through @dreamgraph/client. */

import { connect, ServerFault } from '@dreamgraph/client'
import type { CatalogueDescription } from '@dreamgraph/graph'
import type { Job } from '@dreamgraph/protocol'
import type { Backend } from './backend.js'
import { signOutOf } from './session.js'

export function serverBackend(url: string): Backend {
  const client = connect({ url })
  /** Digests of pictures by the name that stands for them in workflows; none: asked for, or not there. */
  const files = new Map<string, string | undefined>()
  const fileListeners = new Set<() => void>()
  const findFile = async (path: string): Promise<void> => {
    const { digest } = await client.call('inputFile', { query: { path } })
    if (digest === undefined) return
    files.set(path, digest)
    for (const listener of fileListeners) listener()
  }
  const jobs = new Map<string, Job>()
  const listeners = new Set<() => void>()
  let isWaiting = false
  const changed = (): void => {
    // Progress of many jobs comes in bursts; the panels need no more than this.
    if (isWaiting) return
    isWaiting = true
    setTimeout(() => {
      isWaiting = false
      for (const listener of listeners) listener()
    }, 100)
  }
  const watchJobs = (): void => {
    const watched = client.watchJobs({
      onJob: (job) => {
        jobs.set(job.id, job)
        changed()
      },
      onRemoved: (id) => {
        jobs.delete(id)
        changed()
      },
    })
    // A server that is away is waited for inside; this is for one that answers with a fault of its own.
    watched.catch(() => setTimeout(watchJobs, 5000))
  }
  watchJobs()

  return {
    name: 'server',
    signOut: signOutOf(client),
    catalogue: async () => (await client.call('nodes')) as unknown as CatalogueDescription,
    workflows: async () => (await client.call('workflows')).items,
    open: (name, revision) =>
      client.call('workflow', { params: { name }, query: { ...(revision !== undefined && { revision }) } }),
    revisions: async (name) => (await client.call('revisions', { params: { name } })).items,
    async save(name, text, base) {
      try {
        const { revision } = await client.call('saveWorkflow', { params: { name }, body: { text, base } })
        return { revision: revision.revision }
      } catch (fault) {
        if (!(fault instanceof ServerFault) || fault.code !== 'workflow/stale') throw fault
        const details = fault.details as { head?: { revision?: number } } | undefined
        return { conflict: true, head: details?.head?.revision ?? 0 }
      }
    },
    check: async (text) => (await client.call('check', { body: { workflow: text } })) as never,

    importFlow: (body, name) => client.call('importWorkflow', { query: { name }, body }),
    submit: ({ text, inputs, targets, title, first }) =>
      client.submit({
        workflow: text,
        inputs: { ...inputs },
        title,
        ...(targets && { targets: [...targets] }),
        ...(first && { priority: 1 }),
      }),
    follow(job, { onEvent, onPreview, onLost }) {
      const abort = new AbortController()
      const follow = async (): Promise<void> => {
        const events = client.events(job, {
          previews: ['picture', 'routing', 'routing-layers'],
          onPreview,
          signal: abort.signal,
        })
        for await (const event of events) onEvent(event)
      }
      follow().catch((reason: Error) => abort.signal.aborted || onLost(reason))
      return () => abort.abort()
    },
    cancel: async (job) => void (await client.cancel(job)),
    pause: async (job) => void (await client.call('pause', { params: { job } })),
    resume: async (job) => void (await client.call('resume', { params: { job } })),
    retry: async (job) => void (await client.call('retry', { params: { job } })),
    move: async (job, body) => void (await client.call('move', { params: { job }, body })),
    remove: async (job) => void (await client.call('removeJob', { params: { job } })),
    onReachability(listener) {
      let wasAway = false
      return client.onConnection(({ status, retryInMs }) => {
        // Dialling anew is still being away; dialling for the first time is not.
        const isAway = status === 'away' || (status === 'connecting' && wasAway)
        wasAway = isAway
        listener({ isAway, retryInMs })
      })
    },
    reconnect: client.reconnect,

    async jobs() {
      if (jobs.size === 0) for (const job of (await client.call('jobs')).items) jobs.set(job.id, job)
      return [...jobs.values()].sort((a, b) => b.submittedAtMs - a.submittedAtMs)
    },
    async waiting() {
      const { items } = await client.call('jobs', { query: { order: 'queue', limit: 200 } })
      return items.map(({ id }) => id)
    },
    findJobs: (search, cursor) =>
      client.call('jobs', {
        query: {
          state: 'finished',
          limit: 60,
          ...(search !== '' && { search }),
          ...(cursor !== undefined && { cursor }),
        },
      }),
    onJobs(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    jobWorkflow: async (job) => (await client.call('jobWorkflow', { params: { job } })).workflow,

    async upload(file) {
      const upload = await client.upload(file.name, file)
      files.set(upload.file, upload.digest)
      return upload
    },
    fileUrl(file) {
      if (!files.has(file) && file !== '') {
        files.set(file, undefined)
        findFile(file).catch(() => files.delete(file))
      }
      const digest = files.get(file)
      return digest && client.urlOf('artifact', { params: { digest } })
    },
    onFiles(listener) {
      fileListeners.add(listener)
      return () => fileListeners.delete(listener)
    },
    artifactUrl: (digest) => client.urlOf('artifact', { params: { digest } }),
    artifactText: async (digest) => new TextDecoder().decode(await client.artifact(digest)),
    thumbnailUrl: (digest) => client.urlOf('thumbnail', { params: { digest }, query: { size: 320 } }),

    models: async () => (await client.call('models')).items,
    modelMemory: (model, query) => client.call('modelMemory', { params: { model }, query }),
    modelReport: (model) => client.call('modelReport', { params: { model } }),
    queue: () => client.call('queue'),
    setQueuePaused: async (paused) => void (await client.call(paused ? 'pauseQueue' : 'resumeQueue')),
  }
}
