// A failure that a client is told about, with a stable code.
import { type ErrorBody, type ServerErrorCode, serverErrors } from '@dreamgraph/protocol'

/** What only whoever starts a server can do wrong. */
export type StartErrorCode =
  | 'server/folder-in-use'
  | 'server/database-in-use'
  | 'server/bad-option'
  | 'server/port-in-use'

export class ServerProblem extends Error {
  readonly code: ServerErrorCode | StartErrorCode
  readonly userFault = true as const
  readonly problems: ErrorBody['problems']
  readonly details: ErrorBody['details']

  constructor(
    code: ServerErrorCode | StartErrorCode,
    message: string,
    more: { problems?: ErrorBody['problems']; details?: ErrorBody['details']; cause?: unknown } = {},
  ) {
    super(message, { cause: more.cause })
    this.name = 'ServerProblem'
    this.code = code
    this.problems = more.problems
    this.details = more.details
  }

  /** HTTP status. */
  get status(): number {
    return this.code in serverErrors ? serverErrors[this.code as ServerErrorCode][0] : 500
  }
}

export const notFound = (what: string, got: string): ServerProblem =>
  new ServerProblem('request/not-found', `${what}: expected one that there is, got ${JSON.stringify(got)}`)
