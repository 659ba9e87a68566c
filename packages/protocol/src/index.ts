/** Public names of the protocol package, in reading order. */

export { apiPrefix, eventsPath, protocolVersion, workerPath } from './version.js'

// Requests
export type { AnswerOf, BodyOf, ParamsOf, QueryOf, Route } from './route.js'
export { type RouteName, type Routes, routes } from './routes.js'
export { openApi } from './openapi.js'
export { referencePage } from './reference-page.js'
export { type ErrorBody, errorBody, type Failure, failure, type ServerErrorCode, serverErrors } from './error.js'

// Jobs and their logs
export {
  finalStates,
  type Job,
  type JobPage,
  type JobState,
  job,
  jobsQuery,
  jobStates,
  type Move,
  type Output,
  output,
  type Submission,
  submission,
} from './job.js'
export {
  endsJob,
  type JobEvent,
  type JobEventBody,
  jobEvent,
  jobEventBody,
  type LossLine,
  type RunEvent,
  runEvent,
} from './event.js'

// Frames
export {
  type ClientFrame,
  clientFrame,
  type PreviewHeader,
  type PreviewKind,
  previewKinds,
  type ServerFrame,
  serverFrame,
} from './frames.js'
export { decodePreview, encodePreview, type PreviewFrame } from './preview-frame.js'
export {
  type Assignment,
  type Capabilities,
  type OrderFrame,
  orderFrame,
  type TryEnd,
  type WorkerFrame,
  workerFrame,
} from './worker.js'

// What is stored
export {
  type ImportEntry,
  type ImportedWorkflow,
  type Revision,
  type StoredWorkflow,
  staleSave,
  type WorkflowSummary,
} from './workflow.js'
export type { Download, MatchReport, MemoryForecast, ModelSummary, Upload } from './model.js'
export { type Health, type QueueState, type Schedule, type Scope, scopes } from './admin.js'
