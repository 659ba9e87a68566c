/** The routes without their schemas: a browser needs the paths, not the validator. Held against protocol's by the compiler. */
import type { Route, RouteName, Routes } from '@dreamgraph/protocol'

/** As in protocol's `version.ts`; a test compares them. */
export const protocolVersion = 1
export const apiPrefix = '/v1'
export const eventsPath = `${apiPrefix}/events`

type Row<R extends Route> = R extends { answer: 'bytes' }
  ? readonly [R['method'], R['path'], 'bytes']
  : readonly [R['method'], R['path']]

/** Method, path, and `bytes` where the answer is not JSON. */
export const routeTable = {
  health: ['GET', '/health'],
  openapi: ['GET', '/openapi.json'],
  signIn: ['POST', '/session'],
  signOut: ['DELETE', '/session'],
  nodes: ['GET', '/nodes'],

  submit: ['POST', '/jobs'],
  jobs: ['GET', '/jobs'],
  job: ['GET', '/jobs/:job'],
  removeJob: ['DELETE', '/jobs/:job'],
  jobEvents: ['GET', '/jobs/:job/events'],
  jobWorkflow: ['GET', '/jobs/:job/workflow'],
  cancel: ['POST', '/jobs/:job/cancel'],
  pause: ['POST', '/jobs/:job/pause'],
  resume: ['POST', '/jobs/:job/resume'],
  retry: ['POST', '/jobs/:job/retry'],
  move: ['POST', '/jobs/:job/move'],
  check: ['POST', '/check'],

  upload: ['POST', '/uploads'],
  uploads: ['GET', '/uploads'],
  inputFile: ['GET', '/files'],
  artifact: ['GET', '/artifacts/:digest', 'bytes'],
  thumbnail: ['GET', '/artifacts/:digest/thumbnail', 'bytes'],
  pictureWorkflow: ['GET', '/artifacts/:digest/workflow'],

  workflows: ['GET', '/workflows'],
  workflow: ['GET', '/workflows/:name'],
  saveWorkflow: ['PUT', '/workflows/:name'],
  revisions: ['GET', '/workflows/:name/revisions'],
  removeWorkflow: ['DELETE', '/workflows/:name'],

  importWorkflow: ['POST', '/import'],

  models: ['GET', '/models'],
  modelReport: ['GET', '/models/:model'],
  modelMemory: ['GET', '/models/:model/memory'],
  downloadModel: ['POST', '/models'],
  removeModel: ['DELETE', '/models/:model'],
  downloads: ['GET', '/downloads'],
  cancelDownload: ['POST', '/downloads/:id/cancel'],

  queue: ['GET', '/queue'],
  pauseQueue: ['POST', '/queue/pause'],
  resumeQueue: ['POST', '/queue/resume'],
  schedules: ['GET', '/schedules'],
  schedule: ['PUT', '/schedules/:id'],
  removeSchedule: ['DELETE', '/schedules/:id'],
  tokens: ['GET', '/tokens'],
  addToken: ['POST', '/tokens'],
  removeToken: ['DELETE', '/tokens/:name'],

  storeArtifact: ['PUT', '/artifacts/:digest'],
  cachedResult: ['GET', '/cache/:digest', 'bytes'],
  storeResult: ['PUT', '/cache/:digest'],
} as const satisfies { readonly [N in RouteName]: Row<Routes[N]> }
