/** A server in memory: the shipped examples, the catalogue of this version, and runs that are played, not computed. */
import type { CatalogueDescription } from '@dreamgraph/graph'
import { parseWorkflow } from '@dreamgraph/graph'
import type { Job, JobEvent, PreviewFrame, StoredWorkflow, Upload, WorkflowSummary } from '@dreamgraph/protocol'
import type { Backend, Following, RunRequest } from '../backend.js'
import description from './catalogue.json'
import { playRun } from './demo-run.js'

const templateTexts = import.meta.glob<string>('../../../../../examples/workflows/*.json', {
  query: '?raw',
  import: 'default',
  eager: true,
})
const pictures = import.meta.glob<string>('../../../../../examples/pictures/*.png', {
  query: '?url',
  import: 'default',
  eager: true,
})

const templatePictures = import.meta.glob<string>('../../../../../examples/workflows/*.webp', {
  query: '?url',
  import: 'default',
  eager: true,
})

interface DemoJob {
  job: Job
  /** Place among jobs of the same priority. */
  rank: number
  readonly text: string
  readonly inputs: RunRequest['inputs']
  readonly events: JobEvent[]
  readonly previews: PreviewFrame[]
  readonly followers: Set<Following>
  stop?: () => void
}

/** `pace` scales the time of played runs; tests use a small one. */
export function demoBackend({ pace = 1 }: { pace?: number } = {}): Backend {
  /** Every revision, oldest first. */
  const saved = new Map<string, { readonly text: string; readonly savedAtMs: number }[]>()
  const files = new Map<string, string>()
  const artifacts = new Map<string, string>()
  const texts = new Map<string, string>()
  const jobs = new Map<string, DemoJob>()
  const listeners = new Set<() => void>()
  for (const [path, url] of Object.entries(templatePictures)) {
    artifacts.set(`templates/${fileName(path).replace('.webp', '')}`, url)
  }
  let queuePaused = false
  const changed = (): void => {
    for (const listener of listeners) listener()
  }
  const templates = new Map(
    Object.entries(templateTexts).map(([path, text]) => [`templates/${fileName(path).replace('.json', '')}`, text]),
  )

  const summary = (name: string, text: string, revision: number): WorkflowSummary => {
    const { document } = parseWorkflow(text)
    const title = document.name ?? name
    const picture = artifacts.has(name) ? { picture: name } : {}
    return {
      name,
      title,
      description: document.description ?? '',
      head: revision,
      template: revision === 0,
      ...picture,
    }
  }
  const emit = (entry: DemoJob, body: Record<string, unknown>): void => {
    const event = { ...body, seq: entry.events.length + 1, atMs: Date.now() } as unknown as JobEvent
    entry.events.push(event)
    entry.job = jobAfter(entry.job, event)
    for (const follower of entry.followers) follower.onEvent(event)
    changed()
  }
  const start = (entry: DemoJob): void => {
    entry.stop = playRun(entry.text, description as CatalogueDescription, {
      pace,
      emit: (body) => emit(entry, body),
      preview: (frame) => {
        entry.previews.push(frame)
        for (const follower of entry.followers) follower.onPreview(frame)
      },
      keep: (digest, url) => artifacts.set(digest, url),
      keepText: (digest, text) => texts.set(digest, text),
      job: entry.job.id,
      inputs: entry.inputs,
      sourceUrl: (file) => backend.fileUrl(file),
      end: next,
    })
  }
  const inQueue = (): DemoJob[] =>
    [...jobs.values()]
      .filter(({ job }) => job.state === 'queued' || job.state === 'paused')
      .sort((a, b) => b.job.priority - a.job.priority || a.rank - b.rank)
  const next = (): void => {
    if (queuePaused || [...jobs.values()].some(({ job }) => job.state === 'running')) return
    const first = inQueue().find(({ job }) => job.state === 'queued')
    if (!first) return
    emit(first, { type: 'started', worker: 'demo', attempt: 1 })
    start(first)
  }
  const entryOf = (id: string): DemoJob => {
    const entry = jobs.get(id)
    if (!entry) throw new Error(`job ${id}: expected one that exists`)
    return entry
  }

  const backend: Backend = {
    name: 'demo',
    catalogue: async () => description as CatalogueDescription,
    workflows: async () => [
      ...[...templates].map(([name, text]) => summary(name, text, 0)),
      ...[...saved].map(([name, revisions]) => summary(name, revisions.at(-1)!.text, revisions.length)),
    ],
    async open(name, wanted): Promise<StoredWorkflow> {
      const own = saved.get(name) ?? []
      const revision = wanted ?? own.length
      const text = own[revision - 1]?.text ?? templates.get(name)
      if (text === undefined) throw new Error(`workflow ${name}: expected one that exists`)
      return { ...summary(name, text, own.length), revision, text }
    },
    async revisions(name) {
      const all = (saved.get(name) ?? []).map(({ savedAtMs }, index) => ({
        revision: index + 1,
        savedAtMs,
        savedBy: 'demo',
        digest: '',
        base: index,
        conflict: false,
      }))
      return all.reverse()
    },
    async save(name, text, base) {
      const known = saved.get(name) ?? []
      if (base !== known.length) return { conflict: true, head: known.length }
      saved.set(name, [...known, { text, savedAtMs: Date.now() }])
      return { revision: known.length + 1 }
    },
    /** Plays what the server does: any JSON becomes the smallest template, with a line of each kind. */
    async importFlow(bytes, name) {
      const value: unknown = JSON.parse(new TextDecoder().decode(bytes))
      if (typeof value !== 'object' || value === null || Object.keys(value).length === 0) {
        throw new Error('flow: expected one of ComfyUI, got something else')
      }
      const text = templates.get('templates/text-only')!.replace('"text-only"', JSON.stringify(name))
      const entry = { node: '1', why: '', nodes: ['sample'] }
      return {
        text,
        report: [
          { ...entry, kind: 'mapped', class: 'KSampler', what: 'DreamO sample' },
          { ...entry, kind: 'guessed', class: 'LoraLoader', what: 'strength', why: 'clip has none here', nodes: [] },
          { ...entry, kind: 'refused', class: 'SomeCustomNode', what: 'no node does this', nodes: [] },
        ],
      }
    },
    async submit({ text, inputs, title, first }: RunRequest) {
      const job: Job = {
        id: crypto.randomUUID(),
        title: title ?? 'untitled',
        state: 'queued',
        owner: 'demo',
        priority: first ? 1 : 0,
        submittedAtMs: Date.now(),
        attempt: 0,
        retryLimit: 0,
        dead: false,
        outputs: [],
        lastSeq: 0,
      }
      const entry: DemoJob = { job, rank: jobs.size, text, inputs, events: [], previews: [], followers: new Set() }
      jobs.set(job.id, entry)
      emit(entry, { type: 'queued', reason: 'submitted' })
      setTimeout(next, 30)
      return entry.job
    },
    follow(id, following) {
      const entry = entryOf(id)
      for (const event of entry.events) following.onEvent(event)
      for (const frame of entry.previews.slice(-4)) following.onPreview(frame)
      entry.followers.add(following)
      return () => entry.followers.delete(following)
    },
    async cancel(id) {
      const entry = entryOf(id)
      entry.stop?.()
      if (['queued', 'running', 'paused'].includes(entry.job.state)) emit(entry, { type: 'cancelled' })
      next()
    },
    async pause(id) {
      if (entryOf(id).job.state === 'queued') emit(entryOf(id), { type: 'paused' })
    },
    async resume(id) {
      emit(entryOf(id), { type: 'queued', reason: 'resumed' })
      next()
    },
    async retry(id) {
      emit(entryOf(id), { type: 'queued', reason: 'retried' })
      next()
    },
    async move(id, where) {
      const entry = entryOf(id)
      const others = inQueue().filter((other) => other !== entry)
      const beside = others.find(({ job }) => job.id === (where.before ?? where.after))
      const at = beside ? others.indexOf(beside) + (where.after ? 1 : 0) : where.to === 'last' ? others.length : 0
      for (const [rank, other] of others.toSpliced(at, 0, entry).entries()) other.rank = rank
      const priority = where.priority ?? beside?.job.priority ?? Math.max(0, ...others.map(({ job }) => job.priority))
      entry.job = { ...entry.job, priority }
      changed()
    },
    async remove(id) {
      jobs.delete(id)
      changed()
    },
    jobs: async () => [...jobs.values()].map(({ job }) => job).reverse(),
    waiting: async () => inQueue().map(({ job }) => job.id),
    async findJobs(search) {
      const words = search.toLowerCase()
      const all = [...jobs.values()].filter(({ job }) => job.state === 'finished')
      const items = all.filter(({ job, text }) => `${job.title} ${text}`.toLowerCase().includes(words))
      return { items: items.map(({ job }) => job).reverse() }
    },
    onJobs(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    jobWorkflow: async (id) => entryOf(id).text,
    async upload(file): Promise<Upload> {
      const digest = await digestOf(await file.arrayBuffer())
      const url = URL.createObjectURL(file)
      files.set(file.name, url)
      artifacts.set(digest, url)
      return { file: file.name, name: file.name, digest, sizeBytes: file.size, mediaType: file.type }
    },
    fileUrl: (file) =>
      files.get(file) ?? Object.entries(pictures).find(([path]) => fileName(path) === fileName(file))?.[1],
    onFiles: () => () => undefined,
    artifactUrl: (digest) => artifacts.get(digest) ?? '',
    artifactText: async (digest) => texts.get(digest) ?? '',
    thumbnailUrl: (digest) => artifacts.get(digest) ?? '',
    models: async () => [
      { name: 'mini', shipped: true, parts: { folder: 'models/mini' }, sizeBytes: 24_000_000 },
      {
        name: 'FLUX.1-dev',
        shipped: false,
        parts: { folder: 'models/FLUX.1-dev' },
        sizeBytes: 33_800_000_000,
        problem: 'transformer: expected 780 tensors, got 779',
      },
    ],
    modelMemory: async (_, { text, picture, references }) => ({
      weightBytes: 24_000_000,
      residentBytes: 6_000_000,
      runBytes: (text + picture + references) * 24_000,
    }),
    modelReport: async (name) => ({
      name,
      isFine: name === 'mini',
      components: [
        {
          component: 'transformer',
          tensors: name === 'mini' ? 214 : 780,
          missing: name === 'mini' ? [] : ['norm_out.linear.weight'],
          unused: [],
        },
        { component: 'vae', tensors: 244, missing: [], unused: [] },
        { component: 'text encoders', tensors: 416, missing: [], unused: [] },
      ],
      presets: [
        { preset: 'v1.1', isFine: name !== 'mini' },
        { preset: 'mini', isFine: name === 'mini' },
      ],
    }),
    async queue() {
      const states = [...jobs.values()].map(({ job }) => job.state)
      const count = (state: string): number => states.filter((other) => other === state).length
      return { paused: queuePaused, queued: count('queued'), running: count('running'), workers: [], unservable: [] }
    },
    async setQueuePaused(paused) {
      queuePaused = paused
      changed()
      next()
    },
  }
  return backend
}

function jobAfter(job: Job, event: JobEvent): Job {
  const next = { ...job, lastSeq: event.seq }
  switch (event.type) {
    case 'started':
      return { ...next, state: 'running', startedAtMs: event.atMs, attempt: job.attempt + 1, outputs: [] }
    case 'run-started':
      return { ...next, nodes: { total: event.nodes, done: 0 } }
    case 'node-started':
      return { ...next, nodes: { ...(job.nodes ?? { total: 0, done: 0 }), current: event.node, progress: 0 } }
    case 'node-progress':
      return { ...next, nodes: { ...job.nodes!, progress: event.total > 0 ? event.done / event.total : 0 } }
    case 'node-finished':
    case 'node-cached':
      return { ...next, nodes: { ...job.nodes!, done: job.nodes!.done + 1 } }
    case 'output':
      return { ...next, outputs: [...job.outputs, event.output] }
    case 'failed':
      return { ...next, state: 'failed', endedAtMs: event.atMs, error: event.error, dead: event.dead }
    case 'queued':
    case 'paused':
    case 'finished':
    case 'cancelled':
      return { ...next, state: event.type, ...(event.type !== 'queued' && { endedAtMs: event.atMs }) }
    default:
      return next
  }
}

const fileName = (path: string): string => path.replaceAll('\\', '/').split('/').at(-1)!

async function digestOf(bytes: ArrayBuffer): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  return [...hash].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}
