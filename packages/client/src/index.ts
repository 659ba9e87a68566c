/** Public names of the client, in reading order. In Node, `node.ts` stands in for this file. */

export { type Client, type ConnectOptions, connect, type Signalled } from './client.js'

// What methods take
export type { RunOptions } from './run.js'
export type { Events, EventsOptions, FollowOptions } from './events.js'
export type { JobsQuery } from './job-pages.js'
export type { WatchJobsOptions } from './watch-jobs.js'
export type { Call, PlaceOf, RequestOf, ResultOf, UrlOf } from './call.js'

// What they throw
export {
  type ClientErrorCode,
  ConnectionFault,
  clientErrorCodes,
  JobCancelled,
  JobFailed,
  ServerFault,
} from './faults.js'

// The connection
export type { ConnectionState } from './connection.js'
export { defaultPatience, type Patience } from './patience.js'
export type { SocketClass, SocketLike } from './socket.js'

// Words of the protocol that these speak
export type {
  Job,
  JobEvent,
  JobPage,
  JobState,
  Output,
  PreviewFrame,
  PreviewKind,
  Submission,
  Upload,
} from '@dreamgraph/protocol'
