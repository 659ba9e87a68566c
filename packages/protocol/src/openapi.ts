/** The interface as an OpenAPI 3.1 document, from the table of routes. */
import type { JsonObject, JsonValue } from '@dreamgraph/graph'
import { z } from 'zod'
import { errorBody, serverErrors } from './error.js'
import type { Route } from './route.js'
import { routes } from './routes.js'
import { apiPrefix } from './version.js'

/** All routes as an OpenAPI document; `version` is that of the server. */
export function openApi(version: string): JsonObject {
  const paths: Record<string, Record<string, JsonValue>> = {}
  for (const [id, route] of Object.entries(routes) as [string, Route][]) {
    const path = apiPrefix + route.path.replace(/:(\w+)/g, '{$1}')
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(id, route) }
  }
  return {
    openapi: '3.1.0',
    info: { title: 'dreamgraph', version, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    paths,
    components: {
      schemas: { Error: schemaOf(errorBody, 'output') },
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
    },
  }
}

function operation(operationId: string, route: Route): JsonObject {
  const { summary, scope, params, query, body, answer, errors = [] } = route
  const status = `${route.status ?? (answer ? 200 : 204)}`
  return {
    operationId,
    summary,
    ...(scope && { security: [{ token: [scope] }] }),
    parameters: [...parametersOf(params, 'path'), ...parametersOf(query, 'query')],
    ...(body && { requestBody: { required: true, content: contentOf(body, 'input') } }),
    responses: {
      [status]: { description: 'Done.', ...(answer && { content: contentOf(answer, 'output') }) },
      ...failures(errors),
      default: { description: 'A failure.', content: { 'application/json': { schema: errorSchema } } },
    },
  }
}

const errorSchema = { $ref: '#/components/schemas/Error' }

function failures(codes: readonly string[]): JsonObject {
  const byStatus = new Map<string, string[]>()
  for (const code of codes) {
    const [status, meaning] = serverErrors[code as keyof typeof serverErrors]
    byStatus.set(`${status}`, [...(byStatus.get(`${status}`) ?? []), `${code}: ${meaning}`])
  }
  const entries = [...byStatus].map(([status, lines]) => {
    return [status, { description: lines.join('\n'), content: { 'application/json': { schema: errorSchema } } }]
  })
  return Object.fromEntries(entries) as JsonObject
}

function contentOf(schema: z.ZodType | 'bytes' | 'stream', io: 'input' | 'output'): JsonObject {
  if (schema === 'bytes' || schema === 'stream') return { 'application/octet-stream': {} }
  return { 'application/json': { schema: schemaOf(schema, io) } }
}

function parametersOf(schema: z.ZodObject | undefined, place: 'path' | 'query'): JsonValue[] {
  if (!schema) return []
  const { properties = {}, required = [] } = schemaOf(schema, 'input') as {
    properties?: Record<string, JsonValue>
    required?: string[]
  }
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema: property,
  }))
}

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): JsonObject {
  const { $schema, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as JsonObject
  return rest
}
