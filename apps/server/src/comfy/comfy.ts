// The server as ComfyUI's clients know it, over the same jobs, files and gate as its own interface.
import type { IncomingMessage } from 'node:http'
import { describeCatalogue } from '@dreamgraph/graph'
import type { PreviewKind } from '@dreamgraph/protocol'
import type { FastifyInstance } from 'fastify'
import type { WebSocket } from 'ws'
import type { Parts } from '../http/handlers.js'
import type { ServerLimits } from '../http/options.js'
import type { Hub } from '../jobs/hub.js'
import { readEvents } from '../jobs/job-list.js'
import { ServerProblem } from '../problem.js'
import type { Gate } from '../security/gate.js'
import { featuresOf } from './about.js'
import { ModelNames } from './model-names.js'
import { Pictures } from './pictures.js'
import { Records } from './records.js'
import { bindComfyRoutes } from './routes.js'
import { Runs } from './runs.js'
import { ComfySockets } from './sockets.js'

export interface ComfyOptions extends Parts {
  readonly app: FastifyInstance
  readonly hub: Hub
  readonly gate: Gate
  readonly limits: ServerLimits
  readonly onWant: (job: string, kinds: readonly PreviewKind[]) => void
  readonly onLog: (line: string) => void
  readonly onError: (error: unknown) => void
}

export interface Comfy {
  /** Takes a WebSocket of ComfyUI's clients; false for another path. Throws ServerProblem for one that may not come in. */
  readonly upgrade: (request: IncomingMessage, take: () => Promise<WebSocket>) => boolean
  readonly preview: (job: string, kind: PreviewKind, frame: Uint8Array) => void
  readonly close: () => void
}

const socketPaths = new Set(['/ws', '/api/ws'])

/** Binds the routes and finds the prompts that have not ended; to be done before any job goes on. */
export async function openComfy(options: ComfyOptions): Promise<Comfy> {
  const { app, hub, gate, limits, database, files, jobs, models, dispatcher, onWant, onLog, onError } = options
  const records = await Records.open(database)
  const sockets: ComfySockets = new ComfySockets({
    remaining: (owner) => runs.remaining(owner),
    features: featuresOf(limits.uploadBytes),
    onChange: (owner, clientId) => runs.clientChanged(owner, clientId),
    greeting: (owner, clientId) => runs.greeting(owner, clientId),
  })
  const runs: Runs = new Runs({
    ...{ records, hub, sockets, onWant, onError },
    readEvents: (job, since, limit) => readEvents(database, job, since, limit),
  })
  await runs.recover()
  bindComfyRoutes(app, {
    ...options,
    ...{ records, runs, pictures: new Pictures({ database, files, jobs }), onLog },
    catalogue: describeCatalogue(options.catalogue),
    models: new ModelNames({
      models,
      workersModels: () => dispatcher.workers.flatMap(({ capabilities }) => capabilities.models),
    }),
    isStopping: () => options.status() === 'stopping',
  })
  return {
    upgrade(request, take) {
      const url = new URL(request.url ?? '/', 'http://host')
      if (!socketPaths.has(url.pathname)) return false
      const identity = gate.expect(gate.identify(request.headers), 'read')
      if (sockets.size >= limits.clients) {
        throw new ServerProblem('request/too-many', `clients: expected at most ${limits.clients}, got one more`)
      }
      const clientId = url.searchParams.get('clientId')?.slice(0, 200)
      void take().then((socket) => {
        gate.hold(socket, identity)
        sockets.accept(socket, identity.name, clientId)
      })
      return true
    },
    preview: (job, kind, frame) => runs.preview(job, kind, frame),
    close: () => sockets.close(),
  }
}
