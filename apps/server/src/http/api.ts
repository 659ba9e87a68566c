// Binds the table of routes to fastify: identity, parsing, answers and failures in one place for all of them.
import { apiPrefix, type Route, type RouteName, routes } from '@dreamgraph/protocol'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ServerProblem } from '../problem.js'
import type { Gate } from '../security/gate.js'
import { sessionCookie } from '../security/session.js'
import type { Identity } from '../security/tokens.js'
import type { BytesAnswer, Call, Handler, Handlers } from './handler.js'
import { readStorableJson } from './json-body.js'
import type { ServerLimits } from './options.js'

export function bindRoutes(app: FastifyInstance, handlers: Handlers, gate: Gate, limits: ServerLimits): void {
  const bind = (on: FastifyInstance, [name, route]: [RouteName, Route]) => {
    const handler = handlers[name] as Handler<Route>
    const identify = ({ headers }: FastifyRequest) => {
      const identity = gate.identify(headers)
      return route.scope ? gate.expect(identity, route.scope) : identity
    }
    on.route({
      method: route.method,
      url: apiPrefix + route.path,
      bodyLimit: route.body === 'bytes' ? limits.uploadBytes : limits.bodyBytes,
      // Before the body is read, too: nobody who may not ask makes us hold one.
      preParsing: async (request) => void identify(request),
      handler: async (request, reply) => {
        const call = readCall(route, { request, reply, identity: identify(request), limits })
        return send(reply, route, await handler(call as Call<Route>))
      },
    })
  }
  const all = Object.entries(routes) as [RouteName, Route][]
  for (const entry of all) if (entry[1].body !== 'stream') bind(app, entry)
  void app.register(async (streaming) => {
    streaming.removeAllContentTypeParsers()
    streaming.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
    for (const entry of all) if (entry[1].body === 'stream') bind(streaming, entry)
  })
}

interface Arrived {
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  readonly identity: Identity | undefined
  readonly limits: ServerLimits
}

function readCall(route: Route, { request, reply, identity, limits }: Arrived): Call<Route> {
  const leaving = new AbortController()
  request.raw.once('close', () => leaving.abort())
  return {
    asker: { name: identity?.name ?? 'nobody', isAdmin: identity?.scopes.has('admin') ?? false },
    identity,
    params: route.params?.parse(request.params) as never,
    query: route.query?.parse(request.query) as never,
    body: readBody(route.body, request.body, limits) as never,
    signal: leaving.signal,
    setSession: (token) => reply.header('set-cookie', sessionCookie(request.headers, token)),
  }
}

function readBody(schema: Route['body'], body: unknown, { artifactBytes }: ServerLimits): unknown {
  if (schema === undefined) return undefined
  if (schema === 'stream') return upTo(artifactBytes, (body ?? []) as AsyncIterable<Uint8Array>)
  const bytes = new Uint8Array((body as Uint8Array | undefined) ?? [])
  return schema === 'bytes' ? bytes : schema.parse(readStorableJson(bytes))
}

async function* upTo(mostBytes: number, chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let bytes = 0
  for await (const chunk of chunks) {
    bytes += chunk.byteLength
    if (bytes > mostBytes) {
      throw new ServerProblem('request/too-large', `body: expected at most ${mostBytes} bytes, got more`)
    }
    yield chunk
  }
}

function send(reply: FastifyReply, route: Route, answer: unknown): FastifyReply {
  if (route.answer === undefined) return reply.status(route.status ?? 204).send()
  reply.status(route.status ?? 200)
  if (route.answer !== 'bytes') {
    return reply
      .header('cache-control', 'no-store')
      .type('application/json; charset=utf-8')
      .send(JSON.stringify(answer))
  }
  const { bytes, mediaType, fileName, immutable } = answer as BytesAnswer
  reply.header('cache-control', immutable ? 'private, max-age=31536000, immutable' : 'no-store')
  // Never as a page: what people upload must not run as a script of ours.
  reply.header('content-security-policy', "default-src 'none'; sandbox").type(mediaType)
  if (fileName) reply.header('content-disposition', `inline; filename*=UTF-8''${encodeURIComponent(fileName)}`)
  if ('stream' in bytes) return reply.header('content-length', bytes.sizeBytes).send(bytes.stream)
  return reply.send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
}
