// Binds the table of routes to fastify: identity, parsing, answers and failures in one place for all of them.
import { apiPrefix, type Route, type RouteName, routes } from '@dreamgraph/protocol'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { z } from 'zod'
import type { Gate } from '../security/gate.js'
import { sessionCookie } from '../security/session.js'
import type { Identity } from '../security/tokens.js'
import type { BytesAnswer, Call, Handler, Handlers } from './handler.js'
import { readStorableJson } from './json-body.js'
import type { ServerLimits } from './options.js'

export function bindRoutes(app: FastifyInstance, handlers: Handlers, gate: Gate, limits: ServerLimits): void {
  for (const [name, route] of Object.entries(routes) as [RouteName, Route][]) {
    const handler = handlers[name] as Handler<Route>
    const identify = ({ headers }: FastifyRequest) => {
      const identity = gate.identify(headers)
      return route.scope ? gate.expect(identity, route.scope) : identity
    }
    app.route({
      method: route.method,
      url: apiPrefix + route.path,
      bodyLimit: route.body === 'bytes' ? limits.uploadBytes : limits.bodyBytes,
      // Before the body is read, too: nobody who may not ask makes us hold one.
      preParsing: async (request) => void identify(request),
      handler: async (request, reply) => {
        const identity = identify(request)
        const answer = await handler(readCall(route, { request, reply, identity }) as Call<Route>)
        return send(reply, route, answer)
      },
    })
  }
}

interface Arrived {
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  readonly identity: Identity | undefined
}

function readCall(route: Route, { request, reply, identity }: Arrived): Call<Route> {
  const leaving = new AbortController()
  request.raw.once('close', () => leaving.abort())
  return {
    asker: { name: identity?.name ?? 'nobody', isAdmin: identity?.scopes.has('admin') ?? false },
    identity,
    params: route.params?.parse(request.params) as never,
    query: route.query?.parse(request.query) as never,
    body: readBody(route.body, request.body as Uint8Array | undefined) as never,
    signal: leaving.signal,
    setSession: (token) => reply.header('set-cookie', sessionCookie(request.headers, token)),
  }
}

function readBody(schema: z.ZodType | 'bytes' | undefined, body: Uint8Array | undefined): unknown {
  if (schema === undefined) return undefined
  return schema === 'bytes' ? new Uint8Array(body ?? []) : schema.parse(readStorableJson(body))
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
  return reply.send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
}
