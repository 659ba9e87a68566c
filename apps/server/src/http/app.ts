// The HTTP side: headers that protect, limits, failures as JSON, the editor's files.
import { existsSync } from 'node:fs'
import rateLimit from '@fastify/rate-limit'
import serveStatic from '@fastify/static'
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify'
import { ServerProblem } from '../problem.js'
import type { Gate } from '../security/gate.js'
import type { Identity } from '../security/tokens.js'
import { failed } from './answer.js'
import type { ServerLimits } from './options.js'
import { methodsOf } from './other-methods.js'

export interface AppOptions {
  readonly gate: Gate
  readonly limits: ServerLimits
  readonly logger: FastifyBaseLogger
  readonly editor: string | undefined
}

/** Longest a request may take to arrive: a trained adapter over a slow line. */
const requestTimeoutMs = 30 * 60_000

export async function openApp({ gate, limits, logger, editor }: AppOptions): Promise<FastifyInstance> {
  const app = Fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: limits.bodyBytes,
    requestTimeout: requestTimeoutMs,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 1000 },
    genReqId: () => crypto.randomUUID(),
  }) as unknown as FastifyInstance
  // Bodies are read by whoever handles the route, whatever they call themselves: some clients call JSON a form.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  app.setErrorHandler((error, request, reply) => {
    const { status, body, isInternal } = failed(error, request.id)
    if (isInternal) request.log.error({ err: error, url: request.url }, 'request failed')
    return reply.status(status).type('application/json; charset=utf-8').send(JSON.stringify(body))
  })
  app.setNotFoundHandler((request, reply) => {
    const methods = methodsOf(request.url)
    if (methods.length > 0) {
      reply.header('allow', methods.join(', '))
      const got = `${request.method} ${request.url}`
      throw new ServerProblem('request/method', `method: expected ${methods.join(' or ')}, got ${got}`)
    }
    throw new ServerProblem(
      'request/not-found',
      `path: expected one of this server, got ${request.method} ${request.url}`,
    )
  })
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(protectingHeaders)
    gate.checkPlace(request.headers)
    // No name or text of ours holds one, no file system or database takes one.
    if (request.url.includes('%00')) throw new ServerProblem('request/invalid', 'address: expected no NUL, got %00')
  })
  app.addHook('onResponse', async (request, reply) => {
    request.log.debug({ method: request.method, url: request.url, status: reply.statusCode, ms: reply.elapsedTime })
  })
  await app.register(rateLimit, {
    max: limits.requestsPerMinute,
    timeWindow: 60_000,
    // By who asks, as a proxy or a machine may stand for many; a socket that has closed already has no address.
    keyGenerator: ({ headers, ip }) => gate.recognize(headers)?.name ?? ip ?? 'gone',
    // Other people's jobs depend on what workers bring and fetch.
    allowList: ({ headers }) => isWorker(gate.recognize(headers)),
  })
  if (editor && existsSync(editor))
    await app.register(serveStatic, { root: editor, wildcard: false, cacheControl: false })
  return app
}

const isWorker = (identity: Identity | undefined): boolean =>
  identity?.scopes.has('worker') === true && !identity.scopes.has('submit')

const protectingHeaders = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  // The editor is all of our own making; styles are set on elements, pictures also come from memory.
  'content-security-policy':
    "default-src 'self'; img-src 'self' blob: data:; style-src 'self' 'unsafe-inline'; worker-src 'self' blob:; " +
    "connect-src 'self' ws: wss:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
}
