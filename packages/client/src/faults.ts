/** Everything that a call can end with besides its result. An abort ends with the signal's own reason. */
import type { ErrorBody, Failure, Job } from '@dreamgraph/protocol'

/** Code → meaning, of faults that the client itself finds. Those of the server are in protocol's `serverErrors`. */
export const clientErrorCodes = {
  'client/unreachable': 'No connection to the server, or it broke before the answer was complete.',
  'client/foreign-answer':
    'What answers at the address does not speak this protocol, such as a proxy with a page of its own.',
  'client/protocol-version': 'The server speaks another version of the protocol.',
  'client/log-gap': 'The log of a job came with an event missing, and again so when asked anew.',
  'client/closed': 'The client was closed while something was followed.',
} as const

export type ClientErrorCode = keyof typeof clientErrorCodes

/** Nothing usable came back. Message: `<where>: expected <rule>, got <value>`. */
export class ConnectionFault extends Error {
  override readonly name = 'ConnectionFault'

  constructor(
    readonly code: ClientErrorCode,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options)
  }
}

/** The server said no. */
export class ServerFault extends Error {
  override readonly name = 'ServerFault'
  /** Stable; one of protocol's `serverErrors`, of a package's table, or `client/foreign-answer`. */
  readonly code: string
  /** Of HTTP; undefined where the fault came over the socket. */
  readonly status: number | undefined
  /** Every finding, where there are several, such as those of the checker. */
  readonly problems: NonNullable<ErrorBody['problems']>
  /** What belongs to the code, such as `staleSave` to `workflow/stale`. */
  readonly details: ErrorBody['details']
  /** Under this id the server's log has more. */
  readonly requestId: string | undefined

  constructor(body: ErrorBody, status?: number) {
    super(body.message)
    this.code = body.code
    this.status = status
    this.problems = body.problems ?? []
    this.details = body.details
    this.requestId = body.requestId
  }
}

/** The job ended as failed; `job` has what came out until then. */
export class JobFailed extends Error {
  override readonly name = 'JobFailed'
  readonly code: string
  readonly failure: Failure

  constructor(readonly job: Job) {
    const failure = job.error ?? { code: 'internal', message: 'failed without a word', userFault: false }
    super(`job ${job.id}: ${failure.message}`)
    this.code = failure.code
    this.failure = failure
  }
}

/** The job was cancelled, by whomever. */
export class JobCancelled extends Error {
  override readonly name = 'JobCancelled'

  constructor(readonly job: Job) {
    super(`job ${job.id}: cancelled`)
  }
}

/** True where waiting may help: nobody answers, or what answers says that the server is away or busy. */
export function isAway(fault: unknown): boolean {
  if (fault instanceof ConnectionFault) return fault.code === 'client/unreachable'
  return fault instanceof ServerFault && [429, 502, 503, 504].includes(fault.status ?? 0)
}
