// Whatever goes wrong in a request, as status and body.
import { DocumentError } from '@dreamgraph/graph'
import { type ErrorBody, serverErrors } from '@dreamgraph/protocol'
import { z } from 'zod'
import { isLost } from '../database/postgresql.js'
import { ServerProblem } from '../problem.js'

export interface Failed {
  readonly status: number
  readonly body: ErrorBody
  /** A fault of ours, for the log. */
  readonly isInternal: boolean
}

export function failed(error: unknown, requestId: string): Failed {
  const { code, message, problems, details, status } = read(error)
  const body = { code, message, ...(problems && { problems }), ...(details !== undefined && { details }), requestId }
  return { status, body, isInternal: code === 'internal' }
}

function read(error: unknown): ErrorBody & { status: number } {
  if (error instanceof ServerProblem) return { ...pick(error), status: error.status }
  if (error instanceof z.ZodError) return fromZod(error)
  if (error instanceof DocumentError) return fromDocument(error)
  const { code, statusCode, userFault, message } = error as {
    code?: string
    statusCode?: number
    userFault?: boolean
    message?: string
  }
  if (statusCode === 413) return told('request/too-large', 'body: expected one within the limit, got a larger one')
  if (statusCode === 429) return told('request/too-many', message ?? 'requests: expected fewer')
  if (statusCode !== undefined && statusCode < 500) return told('request/invalid', `request: ${message}`)
  if (isLost(error)) return told('server/unavailable', 'database: expected it to answer, got a broken connection')
  if (userFault && code) return { code, message: message ?? code, status: 400 }
  return told('internal', 'internal: an unexpected fault; the log has more under the request id')
}

const pick = ({ code, message, problems, details }: ServerProblem): ErrorBody => ({ code, message, problems, details })

const told = (code: keyof typeof serverErrors, message: string) => ({ code, message, status: serverErrors[code][0] })

function fromZod(error: z.ZodError): ErrorBody & { status: number } {
  const problems = error.issues.slice(0, 50).map(({ path, message }) => ({
    code: 'request/invalid',
    path: path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join(''),
    message,
  }))
  const [first] = problems
  return { ...told('request/invalid', `request${first?.path ?? ''}: ${first?.message ?? 'invalid'}`), problems }
}

function fromDocument({ problems }: DocumentError): ErrorBody & { status: number } {
  const told = problems.map(({ value, rule, ...rest }) => rest)
  return { code: 'workflow/invalid', message: problems[0]!.message, problems: told, status: 400 }
}
