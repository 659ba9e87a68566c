// The server: its parts opened in order, wired, and closed in the opposite order.
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { openWorkbench } from '@dreamgraph/nodes'
import { makeFolder } from '@dreamgraph/store'
import pino from 'pino'
import { type Comfy, openComfy } from './comfy/comfy.js'
import type { Database } from './database/database.js'
import { openEmbedded } from './database/embedded.js'
import { openPostgresql } from './database/postgresql.js'
import { migrate } from './database/schema.js'
import type { ArtifactStore } from './files/artifact-store.js'
import { Files } from './files/files.js'
import { folderStore } from './files/folder-store.js'
import { removeOld } from './files/remove-old.js'
import { bindRoutes } from './http/api.js'
import { openApp } from './http/app.js'
import { handlersOf } from './http/handlers.js'
import { defaultLimits, type ServerOptions } from './http/options.js'
import { Boss } from './jobs/boss.js'
import { Dispatcher } from './jobs/dispatcher.js'
import { Hub } from './jobs/hub.js'
import { readEvents } from './jobs/job-list.js'
import { Jobs } from './jobs/jobs.js'
import { Ledger } from './jobs/ledger.js'
import { Ranks } from './jobs/ranks.js'
import { submitter } from './jobs/submit.js'
import { openMetrics } from './metrics.js'
import { openModels } from './models/models.js'
import { ServerProblem } from './problem.js'
import { Schedules } from './schedules.js'
import { Gate, isLoopback, nameOf } from './security/gate.js'
import { Tokens } from './security/tokens.js'
import { Clients } from './socket/clients.js'
import { PreviewWants } from './socket/preview-wants.js'
import { acceptUpgrades } from './socket/upgrade.js'
import { acceptWorker } from './socket/workers.js'
import { workerCount } from './worker/gpus.js'
import { LocalWorkers } from './worker/local-workers.js'
import { Workflows } from './workflows/workflows.js'

export interface Server {
  /** http://host:port */
  readonly url: string
  /** Of the local workers' processes. */
  readonly workerPids: () => number[]
  /** Finishes or requeues what runs, then leaves. */
  readonly close: () => Promise<void>
}

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }
const defaultGraceMs = 20_000
/** Results for other workers, which can be computed again. */
const cacheDays = 30

/** Starts a server. Throws ServerProblem for what whoever starts it can mend. */
export async function startServer(options: ServerOptions): Promise<Server> {
  const host = options.host ?? '127.0.0.1'
  const limits = { ...defaultLimits, ...options.limits }
  const trustLoopback = options.token === undefined && isLoopback(host)
  if (!trustLoopback && options.token === undefined) {
    const rule = 'a token (--token, DREAMGRAPH_TOKEN) when listening off this machine'
    throw new ServerProblem('server/bad-option', `host ${host}: expected ${rule}, got none`)
  }
  const foreign = (options.hosts ?? []).find((name) => !isLoopback(nameOf(name)))
  if (trustLoopback && foreign !== undefined) {
    const rule = 'a token (--token, DREAMGRAPH_TOKEN) when it is reached from off this machine'
    throw new ServerProblem('server/bad-option', `host ${foreign}: expected ${rule}, got none`)
  }
  if (options.token !== undefined && !/^\S{1,500}$/.test(options.token)) {
    throw new ServerProblem('server/bad-option', 'token: expected up to 500 characters, none a space, got others')
  }
  const log = pino({ level: options.logLevel ?? 'info' }, pino.destination({ dest: 2, sync: true }))
  const onError = (error: unknown) => log.error({ err: error }, 'internal fault')
  const onLog = (line: string) => log.info(line)
  const home = options.home ?? process.env.DREAMGRAPH_HOME ?? join(homedir(), '.dreamgraph')
  await makeFolder(options.data)

  const database = await openDatabase(options, onLog)
  await migrate(database)
  const boss = await Boss.open(database, onLog)
  const hub = new Hub()
  const metrics = openMetrics({
    queued: async () => (await waiting(database)) ?? 0,
    running: () => dispatcher.workers.reduce((sum, { live }) => sum + live.size, 0),
    clients: () => clients.size,
    workers: () => dispatcher.workers.length,
  })
  const ledger = new Ledger(database, (job, events) => {
    metrics.events.inc(events.length)
    hub.tell(job, events)
  })
  const ranks = await Ranks.load(database)
  const dispatcher = new Dispatcher({
    database,
    ledger,
    boss,
    hub,
    ranks,
    onPreview: (job, kind, frame) => {
      clients.preview(job, kind, frame)
      comfy.preview(job, kind, frame)
    },
    onError,
    onEnd: (how, durationMs) => {
      metrics.ended.inc({ how })
      metrics.seconds.observe(durationMs / 1000)
    },
    graceMs: options.graceMs ?? defaultGraceMs,
    mostLosses: limits.lostTries,
  })
  dispatcher.isPaused = await wasPaused(database)

  const store = await openStore(options)
  void removeOld(join(options.data, 'artifacts', 'cache'), cacheDays, 2)
  const { libraries = [] } = options
  const files = new Files({
    database,
    store,
    maxPixels: limits.picturePixels,
    maxUploadBytes: limits.uploadBytes,
    libraries: [join(options.data, 'library'), ...libraries],
  })
  const workerToken = randomBytes(24).toString('base64url')
  const tokens = await Tokens.open(database, [
    { secret: workerToken, name: 'local-worker', scopes: ['worker'] },
    ...(options.token ? [{ secret: options.token, name: 'admin', scopes: ['admin', 'worker'] as const }] : []),
  ])
  const jobs = await Jobs.open({
    database,
    ledger,
    boss,
    hub,
    ranks,
    dispatcher,
    maxQueued: limits.queuedJobs,
    maxRuntimeMs: limits.runtimeMs,
    onUnused: (digests) => files.removeUnused(digests),
  })
  const workflows = await Workflows.open(database, libraries, (bytes, name) => files.share(bytes, name))
  // Only for its catalogue, with the nodes of packs: models run in workers.
  const { packs = [] } = options
  const bench = await openWorkbench({ home, packs, cache: 'none', onLog })
  const { catalogue } = bench
  const models = await openModels({ home, onLog })
  let modelNames = new Set(await models.names())
  const submit = submitter({
    jobs,
    files,
    workflows,
    catalogue,
    maxNodes: limits.nodes,
    isModelName: (name) =>
      modelNames.has(name) || dispatcher.workers.some((link) => link.capabilities.models.includes(name)),
    onSubmitted: () => metrics.submitted.inc(),
  })
  const schedules = await Schedules.open({
    database,
    boss,
    onError,
    submit: async (owner, { name, inputs }, schedule) => {
      if (!tokens.isKnown(owner)) return onLog(`schedule ${schedule} of ${owner}: left out, as there is no such token`)
      const given = { name, inputs, title: `${name} (${schedule})`, priority: 0, retryLimit: 2, cache: true }
      await submit({ name: owner, isAdmin: false }, given)
    },
  })

  let status: 'starting' | 'fine' | 'stopping' = 'starting'
  const hosts = [...(options.hosts ?? []), ...(isLoopback(host) ? [] : [host])]
  const gate = new Gate({ tokens, hosts, origins: options.origins ?? [], trustLoopback })
  const app = await openApp({ gate, limits, logger: log, editor: options.editor })
  const parts = {
    ...{ version, database, catalogue, jobs, submit, boss, dispatcher, files, store, workflows, models },
    ...{ schedules, tokens, status: () => status },
  }
  bindRoutes(app, handlersOf(parts), gate, limits)
  app.get('/metrics', async (request, reply) => {
    gate.expect(gate.identify(request.headers), 'read')
    return reply.type(metrics.registry.contentType).send(await metrics.registry.metrics())
  })

  const wants = new PreviewWants((job, kinds) => dispatcher.want(job, kinds))
  const comfy: Comfy = await openComfy({
    ...parts,
    ...{ app, hub, gate, limits, onLog, onError },
    onWant: (job, kinds) => wants.set('comfy', job, kinds),
  })
  const clients = new Clients({
    hub,
    version,
    checkJob: (asker, job) => jobs.row(asker, job),
    readEvents: (job, since, limit) => readEvents(database, job, since, limit),
    identify: (token) => gate.expect(gate.identify({}, token), 'read'),
    hold: (socket, identity) => gate.hold(socket, identity),
    onWant: (job, kinds) => wants.set('clients', job, kinds),
    onError,
  })
  const closeSockets = acceptUpgrades(app.server, {
    gate,
    frameBytes: limits.frameBytes,
    maxClients: limits.clients,
    onClient: (socket, identity) => clients.accept(socket, identity),
    onWorker: (socket) => acceptWorker(socket, { dispatcher, onLog }),
    onOther: comfy.upgrade,
  })
  const refresh = setInterval(() => {
    models.names().then((names) => {
      modelNames = new Set(names)
    }, onError)
  }, modelsEveryMs)

  await dispatcher.recover()
  const url = await listen(app, host, options.port ?? defaultPort)
  status = 'fine'
  const localWorkers = new LocalWorkers({
    count: options.workers ?? workerCount(options.device),
    url: url.replace('0.0.0.0', '127.0.0.1').replace('[::]', '[::1]'),
    token: workerToken,
    device: options.device,
    quantize: options.quantize,
    home,
    packs,
    onLog,
    onDeath: (name) => dispatcher.died(name),
  })
  log.info({ url, database: database.kind }, 'serving')

  return {
    url,
    workerPids: () => localWorkers.pids,
    async close() {
      status = 'stopping'
      clearInterval(refresh)
      await localWorkers.stop()
      clients.close()
      comfy.close()
      await dispatcher.stop()
      closeSockets()
      await app.close()
      await ledger.close()
      await boss.stop()
      await models.close()
      await bench.close()
      await database.close()
      log.info('stopped')
    },
  }
}

const defaultPort = 7860
const modelsEveryMs = 10_000

const openDatabase = ({ databaseUrl, data }: ServerOptions, onLog: (line: string) => void): Promise<Database> =>
  databaseUrl ? openPostgresql(databaseUrl, onLog) : openEmbedded(data)

/** The S3 library is large, and few need it. */
async function openStore({ artifacts, data }: ServerOptions): Promise<ArtifactStore> {
  if (!artifacts) return folderStore(join(data, 'artifacts'))
  const { s3Store } = await import('./files/s3-store.js')
  return s3Store(artifacts)
}

async function waiting(database: Database): Promise<number | undefined> {
  const [row] = await database.query<{ count: number }>(
    `select count(*)::int as count from jobs where state = 'queued'`,
  )
  return row?.count
}

async function wasPaused(database: Database): Promise<boolean> {
  const [row] = await database.query<{ value: boolean }>(`select value from settings where key = 'paused'`)
  return row?.value === true
}

async function listen(app: Awaited<ReturnType<typeof openApp>>, host: string, port: number): Promise<string> {
  try {
    return await app.listen({ host, port })
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw cause
    const message = `port ${port}: expected a free one, got one in use (--port takes another)`
    throw new ServerProblem('server/port-in-use', message, { cause })
  }
}
