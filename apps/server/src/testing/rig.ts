// A real server in a temporary folder, without workers of its own, and ways to speak with it.
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { apiPrefix, eventsPath, type Job, type JobEvent, type Scope } from '@dreamgraph/protocol'
import { WebSocket } from 'ws'
import type { ServerOptions } from '../http/options.js'
import { startServer } from '../server.js'
import { eventually } from './eventually.js'
import { FakeWorker, type FakeWorkerOptions } from './fake-worker.js'
import { copyTemplate } from './template.js'

/** Longest that a server may take to start, the first time and on a busy machine. */
export const startMs = 120_000
export const adminToken = 'a-token-for-everything'

export interface Answer<T> {
  readonly status: number
  readonly body: T
}

export interface Rig {
  readonly url: string
  readonly folder: string
  /** One request; without a token that of the admin. */
  readonly ask: <T = Record<string, unknown>>(request: string, given?: Asked) => Promise<Answer<T>>
  readonly submit: (given?: Record<string, unknown>, token?: string) => Promise<Job>
  readonly job: (id: string) => Promise<Job>
  readonly events: (id: string) => Promise<JobEvent[]>
  /** Resolves once the job is as wanted. */
  readonly until: (id: string, is: (job: Job) => boolean) => Promise<Job>
  readonly token: (name: string, ...scopes: Scope[]) => Promise<string>
  readonly worker: (options?: FakeWorkerOptions) => Promise<FakeWorker>
  /** A client's WebSocket that has been welcomed. */
  readonly socket: (token?: string) => Promise<Frames>
  readonly restart: (change?: Partial<ServerOptions>) => Promise<void>
  readonly close: () => Promise<void>
}

export interface Asked {
  readonly body?: unknown
  readonly token?: string | null
  readonly headers?: Readonly<Record<string, string>>
}

export interface Frames {
  readonly socket: WebSocket
  readonly frames: Record<string, unknown>[]
  readonly previews: Uint8Array[]
  readonly send: (frame: object) => void
  readonly until: (is: (frames: Record<string, unknown>[]) => boolean) => Promise<void>
}

export async function openRig(options: Partial<ServerOptions> = {}): Promise<Rig> {
  const folder = await mkdtemp(join(tmpdir(), 'dreamgraph-server-'))
  const full = {
    data: join(folder, 'data'),
    home: join(folder, 'home'),
    port: 0,
    workers: 0,
    token: adminToken,
    logLevel: 'silent',
    ...options,
  } as const
  await copyTemplate(full.data)
  let server = await startServer(full)
  const workers: FakeWorker[] = []
  const sockets: WebSocket[] = []
  let workerToken: string | undefined

  const rig: Rig = {
    get url() {
      return server.url
    },
    folder,
    async ask(request, { body, token = adminToken, headers } = {}) {
      const [method, path] = request.split(' ') as [string, string]
      const isBytes = body instanceof Uint8Array
      const response = await fetch(server.url + apiPrefix + path, {
        method,
        headers: { ...(token !== null && { authorization: `Bearer ${token}` }), ...headers },
        ...(body !== undefined && { body: isBytes ? new Uint8Array(body) : JSON.stringify(body) }),
      })
      const text = await response.text()
      const isJson = response.headers.get('content-type')?.startsWith('application/json')
      return { status: response.status, body: isJson ? JSON.parse(text) : text } as never
    },
    async submit(given = {}, token = adminToken) {
      const { status, body } = await rig.ask<Job>('POST /jobs', { body: { workflow: smallFlow, ...given }, token })
      if (status !== 201) throw new Error(`submit: expected 201, got ${status} ${JSON.stringify(body)}`)
      return body
    },
    job: async (id) => (await rig.ask<Job>(`GET /jobs/${id}`)).body,
    events: async (id) => (await rig.ask<{ events: JobEvent[] }>(`GET /jobs/${id}/events?limit=10000`)).body.events,
    async until(id, is) {
      let job = await rig.job(id)
      await eventually(async () => {
        job = await rig.job(id)
        return is(job)
      }, `job ${id}`)
      return job
    },
    async token(name, ...scopes) {
      const { status, body } = await rig.ask<{ secret: string }>('POST /tokens', { body: { name, scopes } })
      if (status !== 201) throw new Error(`token: expected 201, got ${status}`)
      return body.secret
    },
    async worker(given = {}) {
      workerToken ??= await rig.token('workers', 'worker')
      const worker = new FakeWorker({ url: server.url, token: workerToken, ...given })
      workers.push(worker)
      await worker.connect()
      return worker
    },
    async socket(token = adminToken) {
      const socket = new WebSocket(server.url.replace('http', 'ws') + eventsPath, {
        headers: { authorization: `Bearer ${token}` },
      })
      sockets.push(socket)
      const frames: Record<string, unknown>[] = []
      const previews: Uint8Array[] = []
      socket.on('message', (data: Buffer, isBinary) =>
        isBinary ? previews.push(data) : frames.push(JSON.parse(String(data))),
      )
      await once(socket, 'open')
      const until = (is: (frames: Record<string, unknown>[]) => boolean) => eventually(() => is(frames), 'frames')
      await until((got) => got[0]?.type === 'welcome')
      return { socket, frames, previews, until, send: (frame) => socket.send(JSON.stringify(frame)) }
    },
    async restart(change = {}) {
      const port = Number(new URL(server.url).port)
      await server.close()
      server = await startServer({ ...full, port, ...change })
    },
    async close() {
      for (const worker of workers) worker.close()
      for (const socket of sockets) socket.terminate()
      await server.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
  return rig
}

/** One text, joined; a fake worker does not look at it. */
export const smallFlow = {
  dreamgraph: 2,
  name: 'small',
  outputs: { text: { type: 'text', from: { node: 'join', socket: 'text' } } },
  nodes: {
    word: { type: 'value/text', params: { value: 'hello' } },
    join: { type: 'value/text-join', params: { template: '{a}' } },
  },
  links: [{ from: { node: 'word', socket: 'value' }, to: { node: 'join', socket: 'a' } }],
}

/** The same, with a model that only some worker has. */
export const flowWith = (model: string) => ({
  ...smallFlow,
  nodes: { ...smallFlow.nodes, model: { type: 'model/load', params: { model } } },
})
