/** The client: its options, what it can do, and how its parts hang together. */
import type { Job, JobPage, Submission, Upload } from '@dreamgraph/protocol'
import { type Place, readAddress } from './address.js'
import type { Call, ResultOf, UrlOf } from './call.js'
import { type ConnectionState, createConnection } from './connection.js'
import { type Events, type EventsOptions, jobEvents } from './events.js'
import { isAway } from './faults.js'
import { createFollow } from './followed-job.js'
import { type JobsQuery, jobPages } from './job-pages.js'
import { defaultPatience, type Patience } from './patience.js'
import { createSend, type Request } from './request.js'
import { cancel, type RunOptions, result, run, submit } from './run.js'
import { type OpenSocket, openWith, type SocketClass } from './socket.js'
import { createWatchJobs, type WatchJobsOptions } from './watch-jobs.js'

export interface ConnectOptions {
  /** Such as `http://127.0.0.1:7860`; a path in it stays in front. In a browser it may be relative to the page. */
  readonly url: string
  /** Secret of a token, where the server wants one. */
  readonly token?: string
  /** Instead of the global one. */
  readonly fetch?: typeof globalThis.fetch
  /** Instead of the browser's, or of `ws` in Node. It gets the token in a frame, not in a header. */
  readonly WebSocket?: SocketClass
  /** Other waits than `defaultPatience`. */
  readonly patience?: Partial<Patience>
}

export interface Signalled {
  readonly signal?: AbortSignal
}

/**
 * Every method may throw ServerFault, ConnectionFault, and the reason of an aborted signal. What follows a job or the list
 * of jobs waits for a server that is away, however long; single requests give up after some tries, and only those are
 * tried again that may be repeated.
 */
export interface Client {
  /** Submits a job. It is safe to be tried again: the job has an id from here, by which the server knows it. */
  submit(submission: Submission, given?: Signalled): Promise<Job>
  /**
   * Submits a job, follows it and resolves with it once it has finished. Throws JobFailed and JobCancelled. When the signal
   * aborts, the job is cancelled; what a callback throws ends the following, not the job.
   */
  run(submission: Submission, options?: RunOptions): Promise<Job>
  /**
   * The log of a job, each event exactly once and in order, whatever happens to the connection; ends after the event that
   * ends the job. The returned value is the job as it ended, or undefined if it has been removed since.
   * Throws ConnectionFault `client/log-gap` if the server leaves an event out.
   */
  events(job: string, options?: EventsOptions): Events
  /** Resolves once the job has finished. Throws JobFailed and JobCancelled. Aborting leaves the job alone. */
  result(job: string, given?: Signalled): Promise<Job>
  /** Cancels a job, queued or running; one that has ended stays as it is. */
  cancel(job: string, given?: Signalled): Promise<Job>

  /** The list of jobs, page by page. */
  jobs(query?: JobsQuery, given?: Signalled): AsyncGenerator<JobPage, void, void>
  /** Tells of all jobs and of their changes, until the signal aborts; then it resolves. Listed again after each break. */
  watchJobs(options: WatchJobsOptions): Promise<void>

  /** Takes a file to the server; the answer's `file` stands for it in inputs. A Blob's type goes along. */
  upload(name: string, bytes: Uint8Array | Blob, given?: Signalled): Promise<Upload>
  /** The bytes of an output or upload, by digest. */
  artifact(digest: string, given?: Signalled): Promise<Uint8Array>

  /** Any request of protocol's table, typed by it: `call('move', { params: { job }, body: { to: 'first' } })`. */
  readonly call: Call
  /** The address of a request, such as for `<img src>`; it does not carry the token. */
  readonly urlOf: UrlOf

  /** Tells the state of the socket now and at every change, until the returned function is called. */
  onConnection(listener: (state: ConnectionState) => void): () => void
  /** Tries at once, if the client waits for its next try. */
  reconnect(): void
  /** Closes the socket for good; what is followed fails with `client/closed`. Requests still work. */
  close(): void
}

/** Makes a client; nothing is sent yet. Throws TypeError for an address that is not one of http or https. */
export function connect(options: ConnectOptions): Client {
  return createClient(options, (url, token) => {
    const { WebSocket } = globalThis as { WebSocket?: SocketClass }
    if (!WebSocket) throw new TypeError('connect WebSocket: expected a global one or the option, got neither')
    return openWith(WebSocket)(url, token)
  })
}

/** A client whose sockets are opened in a way of their own, unless the options name a class. */
export function createClient(options: ConnectOptions, openSocket: OpenSocket): Client {
  const { token, fetch = (input, init) => globalThis.fetch(input, init) } = options
  const address = readAddress(options.url)
  const patience = { ...defaultPatience, ...options.patience }
  const send = createSend({ address, token, fetch, patience })
  const call: Call = async (route, ...[request = {}]) =>
    (await send(route, request as Request)) as ResultOf<typeof route>
  const open = options.WebSocket ? openWith(options.WebSocket) : openSocket
  const connection = createConnection({
    open: () => open(address.socket, token),
    askWhy: () => lastingFault(call),
    patience,
  })
  const running = { call, send, patience, follow: createFollow(connection) }
  return {
    submit: (submission, { signal } = {}) => submit(running, submission, signal),
    run: (submission, given = {}) => run(running, submission, given),
    events: (job, given = {}) => jobEvents(running, job, given),
    result: (job, { signal } = {}) => result(running, job, signal),
    cancel: (job, { signal } = {}) => cancel(running, job, signal),
    jobs: (query = {}, { signal } = {}) => jobPages(call, query, signal),
    watchJobs: createWatchJobs({ call, connection, patience }),
    // May be repeated: bytes are kept under their digest.
    upload: async (name, body, { signal } = {}) =>
      (await send('upload', { query: { name }, body, signal, isRepeatable: true })) as Upload,
    artifact: (digest, { signal } = {}) => call('artifact', { params: { digest }, signal }),
    call,
    urlOf: (route, ...[place = {}]) => address.route(route, place as Place),
    onConnection: connection.watch,
    reconnect: connection.reconnect,
    close: connection.close,
  }
}

/** Why the server takes no socket, if it says so over HTTP, and waiting will not help: a wrong token, say. */
async function lastingFault(call: Call): Promise<Error | undefined> {
  try {
    await call('jobs', { query: { limit: 1 } })
    return undefined
  } catch (fault) {
    return isAway(fault) ? undefined : (fault as Error)
  }
}
