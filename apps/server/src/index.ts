/** Public names of the server, in reading order. */

export { type Server, startServer } from './server.js'
export { defaultLimits, type ServerLimits, type ServerOptions } from './http/options.js'
export { runWorker, type WorkerOptions } from './worker/worker.js'
export { ServerProblem, type StartErrorCode } from './problem.js'
