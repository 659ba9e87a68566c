/** A server that speaks the protocol over real sockets, keeps jobs in memory, and does what its test tells it to. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { type Job, type JobEvent, type JobEventBody, type PreviewFrame, submission } from '@dreamgraph/protocol'
import { WebSocketServer } from 'ws'
import { harmless, type Rig } from './rig.js'
import { ServerSocket } from './server-socket.js'

export interface TestServerOptions {
  readonly port?: number
  readonly token?: string
  readonly rig?: Rig
  readonly protocol?: number
  /** Called for each new job, to write its log. */
  readonly onSubmitted?: (job: Job) => void
  /** May answer in the server's place. True: it has. */
  readonly intercept?: (request: IncomingMessage, response: ServerResponse) => boolean
}

export type TestServer = Awaited<ReturnType<typeof startServer>>

export async function startServer(options: TestServerOptions = {}) {
  const { token, rig = harmless, protocol = 1 } = options
  const jobs = new Map<string, { job: Job; log: JobEvent[] }>()
  const artifacts = new Map<string, { bytes: Buffer; mediaType: string }>()
  const tcpSockets = new Set<Socket>()
  const sockets = new Set<ServerSocket>()
  /** `METHOD /path`, and the token that came along. */
  const requests: { line: string; authorization: string | undefined }[] = []
  const state = { loseAnswers: 0 }

  function addJob(given: Partial<Job> = {}): Job {
    const job: Job = {
      id: crypto.randomUUID(),
      title: '',
      state: 'queued',
      owner: 'tester',
      priority: 0,
      submittedAtMs: 1_700_000_000_000 + jobs.size,
      attempt: 0,
      retryLimit: 2,
      dead: false,
      outputs: [],
      lastSeq: 0,
      ...given,
    }
    jobs.set(job.id, { job, log: [] })
    tell(job.id, { type: 'queued', reason: 'submitted' })
    return job
  }

  function tell(id: string, body: JobEventBody): void {
    const entry = jobs.get(id)!
    const seq = entry.log.length + 1
    entry.log.push({ ...body, seq, atMs: 1_700_000_000_000 + seq })
    Object.assign(entry.job, { lastSeq: seq }, stateAfter(body))
    for (const socket of sockets) {
      socket.pump(id)
      socket.job(structuredClone(entry.job))
    }
  }

  function remove(id: string): void {
    jobs.delete(id)
    for (const socket of sockets) socket.removed(id)
  }

  const http = createServer(async (request, response) => {
    const { authorization } = request.headers
    requests.push({ line: `${request.method} ${request.url}`, authorization })
    if (options.intercept?.(request, response)) return
    const body = await readAll(request)
    if (token !== undefined && authorization !== `Bearer ${token}`) {
      return answer(response, 401, { code: 'request/unauthorized', message: 'token: expected a known one, got none' })
    }
    const [status, result, mediaType] = handle(request, body)
    if (state.loseAnswers > 0) {
      state.loseAnswers--
      request.socket.destroy()
    } else answer(response, status, result, mediaType)
  })

  function handle(request: IncomingMessage, body: Buffer): [status: number, body: unknown, mediaType?: string] {
    const url = new URL(request.url!, 'http://test')
    const [, , area, id, action] = url.pathname.split('/').map(decodeURIComponent)
    const line = [request.method, area, id && ':id', action].filter(Boolean).join(' ')
    const entry = jobs.get(id ?? '')
    if (line === 'POST jobs') return submitted(JSON.parse(`${body}`))
    if (line === 'GET jobs') return [200, pageOf(url.searchParams)]
    if (line === 'POST uploads') {
      const digest = `${artifacts.size}`.padStart(64, '0')
      const mediaType = request.headers['content-type']!
      artifacts.set(digest, { bytes: body, mediaType })
      const name = url.searchParams.get('name')
      return [201, { file: `uploads/${digest}`, name, digest, sizeBytes: body.length, mediaType }]
    }
    if (line === 'GET artifacts :id' && artifacts.has(id!)) return [200, artifacts.get(id!)!.bytes, 'image/png']
    if (area === 'jobs' && entry) {
      if (line === 'GET jobs :id') return [200, entry.job]
      if (line === 'GET jobs :id events') {
        const since = Number(url.searchParams.get('since') ?? 0)
        const events = entry.log.slice(since, since + 1000)
        return [200, { events, more: since + 1000 < entry.log.length }]
      }
      if (line === 'POST jobs :id cancel') {
        if (!entry.job.endedAtMs) tell(id!, { type: 'cancelled' })
        return [200, entry.job]
      }
      if (line === 'DELETE jobs :id') {
        remove(id!)
        return [204, undefined]
      }
      if (line === 'POST jobs :id resume') return [409, conflict]
    }
    return [404, { code: 'request/not-found', message: `${url.pathname}: expected something that exists` }]
  }

  function submitted(given: unknown): [number, Job] {
    const { id, title = '' } = submission.parse(given)
    const known = id && jobs.get(id)
    if (known) return [200, known.job]
    const job = addJob({ ...(id && { id }), title })
    options.onSubmitted?.(job)
    return [201, job]
  }

  function pageOf(query: URLSearchParams) {
    const newest = [...jobs.values()].map(({ job }) => job).reverse()
    const from = Number(query.get('cursor') ?? 0)
    const to = from + Number(query.get('limit') ?? 50)
    return { items: newest.slice(from, to), ...(to < newest.length && { next: `${to}` }) }
  }

  const webSockets = new WebSocketServer({ noServer: true })
  http.on('upgrade', (request, tcp: Socket, head) => {
    requests.push({ line: `UPGRADE ${request.url}`, authorization: request.headers.authorization })
    const isKnown = token === undefined || request.headers.authorization === `Bearer ${token}`
    if (rig.cut() !== undefined) return tcp.destroy()
    if (!isKnown && request.headers.authorization) return tcp.end('HTTP/1.1 401 Unauthorized\r\n\r\n')
    webSockets.handleUpgrade(request, tcp, head, (socket) => {
      const isToken = (given: string) => given === token
      const mine = new ServerSocket({ socket, rig, isKnown, isToken, protocol, logOf: (id) => jobs.get(id)?.log })
      sockets.add(mine)
      socket.on('close', () => sockets.delete(mine))
    })
  })
  http.on('connection', (tcp) => {
    tcpSockets.add(tcp)
    tcp.on('close', () => tcpSockets.delete(tcp))
  })
  // On a busy machine the default of 5 s runs out between two requests, and the second is reset.
  http.keepAliveTimeout = 120_000
  await new Promise<void>((resolve) => http.listen(options.port ?? 0, '127.0.0.1', resolve))
  const { port } = http.address() as AddressInfo

  return {
    port,
    url: `http://127.0.0.1:${port}`,
    jobs,
    artifacts,
    requests,
    /** Open WebSockets, oldest first. */
    sockets,
    state,
    addJob,
    tell,
    remove,
    preview: (frame: PreviewFrame) => {
      for (const socket of sockets) socket.preview(frame)
    },
    async stop() {
      for (const tcp of tcpSockets) tcp.destroy()
      await new Promise((resolve) => http.close(resolve))
    },
  }
}

const conflict = {
  code: 'job/state',
  message: 'job: expected paused, got running',
  problems: [{ code: 'x/y', path: '/nodes/0', message: 'a finding' }],
  details: { state: 'running' },
  requestId: 'r-1',
}

function stateAfter({ type, ...body }: JobEventBody): Partial<Job> {
  if (type === 'queued' || type === 'paused') return { state: type, endedAtMs: undefined, error: undefined }
  if (type === 'started') return { state: 'running' }
  if (type === 'finished' || type === 'cancelled') return { state: type, endedAtMs: 1 }
  if (type === 'failed') return { state: type, endedAtMs: 1, error: (body as { error: Job['error'] }).error }
  return {}
}

function answer(response: ServerResponse, status: number, body: unknown, mediaType = 'application/json'): void {
  response.writeHead(status, { 'content-type': mediaType })
  response.end(body instanceof Buffer || body === undefined ? body : JSON.stringify(body))
}

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part)
  return Buffer.concat(parts)
}
