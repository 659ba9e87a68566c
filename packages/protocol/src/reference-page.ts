/** The reference page: every request, event, frame and code, as Markdown, from the same schemas that everything is checked by. */
import type { JsonObject } from '@dreamgraph/graph'
import { z } from 'zod'
import { serverErrors } from './error.js'
import { jobEventBody } from './event.js'
import { clientFrame, previewHeader, serverFrame } from './frames.js'
import type { Route } from './route.js'
import { routes } from './routes.js'
import { apiPrefix, eventsPath, protocolVersion } from './version.js'

/** Markdown of the whole interface. */
export function referencePage(): string {
  return `${[
    '# HTTP and WebSocket interface',
    `Protocol ${protocolVersion}. Made from packages/protocol by \`npm run docs\`; the same as an OpenAPI 3.1 document is served at ` +
      `\`${apiPrefix}/openapi.json\`. Times are milliseconds since 1970, digests SHA-256 in hex.`,
    ...requests(),
    ...events(),
    ...frames(),
    ...errors(),
  ].join('\n\n')}\n`
}

function requests(): string[] {
  const rows = Object.values(routes as Record<string, Route>).map((route) => {
    const { method, path, summary, scope, query, body } = route
    const asks = [...fieldsOf(query).map((name) => `?${name}`), ...bodyFields(body)]
    return [`\`${method} ${apiPrefix}${path}\``, scope ?? '', asks.map((name) => `\`${name}\``).join(' '), summary]
  })
  return [
    '## Requests',
    'Off this machine, and wherever the server was started with a token, `Authorization: Bearer TOKEN` is needed. A token is good ' +
      'for *read* (see one’s own jobs), *submit* (that, and run and change them), *admin* (all jobs, models, tokens) or *worker*. A browser brings it once, to `POST /v1/session`, and from then on in a cookie.',
    markdownTable(['Request', 'Token', 'Takes', 'What it does'], rows),
  ]
}

function events(): string[] {
  const rows = jobEventBody.options.map((option) => {
    const [type, ...fields] = fieldsOf(option)
    return [`\`${literalOf(option, type!)}\``, fields.map((name) => `\`${name}\``).join(' ')]
  })
  return [
    '## Events of a job',
    'Each has `seq`, from 1 without gaps, and `atMs`. They are stored before they are told. `finished`, `failed` and `cancelled` end ' +
      'a job; a retry goes on in the same log.',
    markdownTable(['Type', 'Fields'], rows),
  ]
}

function frames(): string[] {
  const table = (options: readonly z.ZodObject[]) =>
    markdownTable(
      ['Type', 'Fields', ''],
      options.map((option) => {
        const [type, ...fields] = fieldsOf(option)
        return [
          `\`${literalOf(option, type!)}\``,
          fields.map((name) => `\`${name}\``).join(' '),
          option.description ?? '',
        ]
      }),
    )
  return [
    `## WebSocket ${eventsPath}`,
    'Text frames of JSON. After a break, `follow` again with `since` set to the number of the last event: each comes exactly once.',
    '### From the client',
    table(clientFrame.options as readonly z.ZodObject[]),
    '### To the client',
    table(serverFrame.options as readonly z.ZodObject[]),
    '### Previews',
    `Binary frames: a byte 1, the length of a header (u32, big-endian), the header as JSON (${fieldsOf(previewHeader)
      .map((name) => `\`${name}\``)
      .join(' ')}), then the bytes. A slow client misses previews, and nothing else.`,
  ]
}

function errors(): string[] {
  const rows = Object.entries(serverErrors).map(([code, [status, meaning]]) => [`\`${code}\``, `${status}`, meaning])
  return [
    '## Failures',
    'The body is `{code, message, problems?, details?, requestId}`. Faults of documents and files may also have the codes of their ' +
      'packages, such as `check/type-mismatch` in `problems`.',
    markdownTable(['Code', 'Status', 'Meaning'], rows),
  ]
}

function bodyFields(body: Route['body']): string[] {
  if (body === undefined) return []
  return body === 'bytes' || body === 'stream' ? ['bytes'] : fieldsOf(body)
}

/** Names of an object's fields, in order; optional ones with a question mark. */
function fieldsOf(schema: z.ZodType | undefined): string[] {
  if (!schema) return []
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as {
    properties?: JsonObject
    required?: string[]
  }
  return Object.keys(properties).map((name) => (required.includes(name) ? name : `${name}?`))
}

function literalOf(schema: z.ZodType, field: string): string {
  const { properties } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as { properties: JsonObject }
  return String((properties[field] as JsonObject).const)
}

function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}
