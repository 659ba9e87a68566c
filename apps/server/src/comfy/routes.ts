// ComfyUI's requests, under / and under /api. `GET /` is not among them: it belongs to the editor.
import { type ComfyJson, objectInfo, printComfy } from '@dreamgraph/comfy'
import type { Scope } from '@dreamgraph/protocol'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Database } from '../database/database.js'
import type { Files } from '../files/files.js'
import type { ServerLimits } from '../http/options.js'
import type { Dispatcher } from '../jobs/dispatcher.js'
import type { Asker } from '../jobs/jobs.js'
import { notFound, ServerProblem } from '../problem.js'
import type { Gate } from '../security/gate.js'
import { featuresOf, modelFolders, systemStats } from './about.js'
import { readForm } from './form.js'
import { historyText, queueText } from './listing.js'
import { isObject, readBody } from './prompt-body.js'
import { changeHistory, changeQueue, interrupt } from './queue.js'
import { type SubmitParts, submitPrompt } from './submit-prompt.js'
import { uploadImage, uploadMask } from './upload.js'
import { readSettings, storeSettings } from './user-settings.js'
import { type Viewed, type ViewQuery, viewPicture } from './view.js'

export interface RouteParts extends SubmitParts {
  readonly version: string
  readonly database: Database
  readonly files: Files
  readonly dispatcher: Dispatcher
  readonly gate: Gate
  readonly limits: ServerLimits
  readonly isStopping: () => boolean
}

interface Call {
  readonly asker: Asker
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  readonly body: Uint8Array
  readonly params: Readonly<Record<string, string>>
  readonly query: Readonly<Record<string, string | undefined>>
}

/** The text of JSON, a picture, or nothing. */
type Answer = string | Viewed | undefined
type Handle = (call: Call) => Promise<Answer> | Answer

interface ComfyRoute {
  readonly scope: Scope
  readonly handle: Handle
  /** Takes pictures. */
  readonly isUpload?: boolean
}

const prefixes = ['', '/api']

export function bindComfyRoutes(app: FastifyInstance, parts: RouteParts): void {
  const { gate, limits } = parts
  for (const [name, { scope, handle, isUpload }] of Object.entries(routesOf(parts))) {
    const [method, path] = name.split(' ') as ['GET' | 'POST', string]
    for (const prefix of prefixes) {
      app.route({
        method,
        url: prefix + path,
        bodyLimit: isUpload ? limits.uploadBytes : limits.bodyBytes,
        preParsing: async (request) => void gate.expect(gate.identify(request.headers), scope), // before the body is read
        handler: async (request, reply) => {
          const { name: owner } = gate.expect(gate.identify(request.headers), scope)
          const answer = await handle({
            asker: { name: owner, isAdmin: false }, // whoever it is sees his own: clients of ComfyUI know of nobody else
            ...{ request, reply, body: (request.body as Uint8Array | undefined) ?? new Uint8Array() },
            params: request.params as Call['params'],
            query: oneOfEach(request.query as Record<string, string | string[]>),
          })
          return send(reply.header('cache-control', 'no-store'), answer)
        },
      })
    }
  }
}

function send(reply: FastifyReply, answer: Answer): FastifyReply {
  if (answer === undefined) return reply.send('')
  if (typeof answer === 'string') return reply.type('application/json; charset=utf-8').send(answer)
  const name = encodeURIComponent(answer.address.filename)
  reply.header('content-disposition', `inline; filename*=UTF-8''${name}`).type(answer.mediaType)
  // Never as a page: what people upload must not run as a script of ours.
  reply.header('content-security-policy', "default-src 'none'; sandbox")
  return reply.send(Buffer.from(answer.bytes))
}

const oneOfEach = (query: Record<string, string | string[]>): Call['query'] =>
  Object.fromEntries(Object.entries(query).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value]))

function routesOf(parts: RouteParts): Record<string, ComfyRoute> {
  const { version, database, dispatcher, records, runs, pictures, models, limits } = parts
  const read = (handle: Handle): ComfyRoute => ({ scope: 'read', handle })
  const submit = (handle: Handle): ComfyRoute => ({ scope: 'submit', handle })
  const upload = (take: typeof uploadImage): ComfyRoute => ({
    ...submit(async ({ asker, request, body }) => {
      const form = await readForm(request.headers['content-type'], body)
      return json(await take({ ...parts, maxPixels: limits.picturePixels }, asker, form))
    }),
    isUpload: true,
  })
  const info = async ({ asker }: Call) =>
    objectInfo({ ...(await models.lists()), pictures: await pictures.names(asker) })
  const folder = async (name: string): Promise<readonly string[]> => {
    const files = modelFolders(await models.lists()).get(name)
    if (!files) throw notFound('folder of models', name)
    return files
  }

  return {
    'POST /prompt': submit(async ({ asker, reply, body }) => {
      if (parts.isStopping()) {
        throw new ServerProblem('server/stopping', 'prompt: expected a server that goes on, got one that stops')
      }
      const { status, text } = await submitPrompt(parts, asker, body)
      reply.status(status)
      return text
    }),
    'GET /prompt': read(({ asker }) => json({ exec_info: { queue_remaining: runs.remaining(asker.name) } })),
    'GET /queue': read(({ asker }) => queueText(records, asker.name)),
    'POST /queue': submit(({ asker, body }) => changeQueue(parts, asker, changeOf(body))),
    'GET /history': read(async ({ asker, query }) => {
      const [limit, offset] = [countOf(query.max_items), countOf(query.offset)]
      return historyText(await records.history(asker.name, { limit, offset }))
    }),
    'GET /history/:id': read(async ({ asker, params }) => {
      const row = isId(params.id) ? await records.ended(asker.name, params.id) : undefined
      return historyText(row ? [row] : [])
    }),
    'POST /history': submit(({ asker, body }) => changeHistory(records, asker, changeOf(body))),
    'POST /interrupt': submit(({ asker, body }) => {
      const { prompt_id } = readObject(body)
      return interrupt(parts, asker, typeof prompt_id === 'string' ? prompt_id : undefined)
    }),
    // Workers keep and drop models by the memory that there is.
    'POST /free': submit(() => undefined),

    'GET /view': read(({ asker, query }) => {
      return viewPicture({ pictures, maxPixels: limits.picturePixels }, asker, query as ViewQuery)
    }),
    'POST /upload/image': upload(uploadImage),
    'POST /upload/mask': upload(uploadMask),

    'GET /object_info': read(async (call) => print(await info(call))),
    'GET /object_info/:class': read(async (call) => {
      const [name, all] = [call.params.class!, await info(call)]
      return print(Object.hasOwn(all, name) ? { [name]: all[name] } : {})
    }),
    'GET /system_stats': read(() => json(systemStats(version, dispatcher.workers))),
    'GET /features': read(() => json(featuresOf(limits.uploadBytes))),
    'GET /models': read(async () => json([...modelFolders(await models.lists()).keys()])),
    'GET /models/:folder': read(async ({ params }) => json(await folder(params.folder!))),
    'GET /experiment/models': read(async () => {
      return json([...modelFolders(await models.lists()).keys()].map((name) => ({ name, folders: [] })))
    }),
    'GET /experiment/models/:folder': read(async ({ params }) => {
      return json((await folder(params.folder!)).map((name) => ({ name, pathIndex: 0 })))
    }),
    'GET /embeddings': read(() => '[]'),
    'GET /extensions': read(() => '[]'),

    'GET /users': read(() => json({ storage: 'server', migrated: true })),
    'POST /users': submit(({ asker }) => json(asker.name)), // a token is a user; there is no making one here
    'GET /settings': read(async ({ asker }) => print(await readSettings(database, asker.name))),
    'GET /settings/:id': read(async ({ asker, params }) => {
      const settings = await readSettings(database, asker.name)
      return printComfy(Object.hasOwn(settings, params.id!) ? settings[params.id!]! : null)
    }),
    'POST /settings': submit(async ({ asker, body }) => {
      await storeSettings(database, asker.name, { bytes: body })
      return undefined
    }),
    'POST /settings/:id': submit(async ({ asker, params, body }) => {
      await storeSettings(database, asker.name, { id: params.id!, bytes: body })
      return undefined
    }),
  }
}

const json = (value: unknown): string => JSON.stringify(value)
const print = (value: object): string => printComfy(value as ComfyJson)

const isId = (text: string | undefined): text is string =>
  text !== undefined && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)

/** Clients send -1 for none. */
function countOf(text: string | undefined): number | undefined {
  const count = Number.parseInt(text ?? '', 10)
  return count >= 0 ? count : undefined
}

/** An empty body is an empty object. */
function readObject(body: Uint8Array): Record<string, ComfyJson> {
  const value = body.byteLength === 0 ? {} : readBody(body)
  return isObject(value) ? value : {}
}

function changeOf(body: Uint8Array): { clear: boolean; ids: string[] } {
  const { clear, delete: ids } = readObject(body)
  return { clear: clear === true, ids: Array.isArray(ids) ? ids.map(String).filter(isId) : [] }
}
