/** How every failure is told, over HTTP and in frames. */
import { z } from 'zod'
import { json } from './words.js'

/** code → HTTP status and what it means. Codes are stable: clients may match on them. */
export const serverErrors = {
  'request/invalid': [400, 'The request does not have the form that its schema says.'],
  'request/unauthorized': [401, 'No token, or one that is unknown, where a token is needed.'],
  'request/forbidden': [403, 'The token lacks the scope, or the Host or Origin is not one of this server.'],
  'request/not-found': [404, 'There is no such thing, or it belongs to another submitter.'],
  'request/method': [405, 'The path exists, with other methods.'],
  'request/too-large': [413, 'Body, picture or document exceeds a limit.'],
  'request/media-type': [415, 'The body is of a type that this request does not take.'],
  'request/too-many': [429, 'More requests in a minute than the limit; see Retry-After.'],
  'workflow/invalid': [400, 'The document is no workflow, or the checker found errors; see `problems`.'],
  'workflow/stale': [409, 'Saved over a revision that is not the latest any more. Both are kept.'],
  'job/state': [409, 'The job is in a state in which this cannot be done.'],
  'model/download-failed': [502, 'The hub could not be reached, or what came does not match its hash.'],
  'server/stopping': [503, 'The server is about to stop.'],
  'server/unavailable': [
    503,
    'The database, or the bucket of artifacts, does not answer at the moment; another try may do.',
  ],
  'server/queue-full': [503, 'The queue holds as many jobs as the limit.'],
  internal: [500, 'A fault of ours; the log has more under the request id.'],
} as const satisfies Record<string, readonly [status: number, meaning: string]>

export type ServerErrorCode = keyof typeof serverErrors

export const problem = z.looseObject({
  code: z.string(),
  path: z.string().describe('JSON pointer into the document'),
  node: z.string().optional(),
  socket: z.string().optional(),
  param: z.string().optional(),
  message: z.string(),
  suggestion: z.string().optional(),
})

export const errorBody = z
  .object({
    code: z.string().describe('Stable; one of the table of codes, or that of a package'),
    message: z.string().describe('`<where>: expected <rule>, got <value>`'),
    problems: z.array(problem).optional().describe('Every finding, where there are several'),
    details: json.optional(),
    requestId: z.string().optional(),
  })
  .describe('Body of every answer with a status from 400')

export type ErrorBody = z.infer<typeof errorBody>

/** Why a node, or a job, failed. */
export const failure = z.object({
  code: z.string(),
  message: z.string(),
  node: z.string().optional(),
  nodeType: z.string().optional(),
  userFault: z.boolean().describe('True: another try would fail alike. False: a fault of ours, or of the machine'),
})

export type Failure = z.infer<typeof failure>
