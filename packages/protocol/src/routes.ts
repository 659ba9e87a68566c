/** Every request there is. Server, client, OpenAPI document and reference page are made from this table. */
import { z } from 'zod'
import { health, newToken, queueState, schedule, scheduleRequest, token, tokenRequest } from './admin.js'
import { problem } from './error.js'
import { eventPage, eventsQuery } from './event.js'
import { job, jobPage, jobsQuery, move, submission } from './job.js'
import { download, downloadRequest, matchReport, memoryForecast, memoryQuery, modelSummary, upload } from './model.js'
import { route } from './route.js'
import { digest, jobId, json, name, page, paging } from './words.js'
import { importedWorkflow, revision, savedWorkflow, saveWorkflow, storedWorkflow, workflowSummary } from './workflow.js'

const byJob = z.object({ job: jobId })
const byName = z.object({ name })
const checkRequest = z.object({
  workflow: z.union([z.string(), z.looseObject({})]),
  inputs: z.record(z.string(), json).default({}),
})

export const routes = {
  // The server itself
  health: route({ method: 'GET', path: '/health', summary: 'Whether the server can take jobs.', answer: health }),
  openapi: route({
    method: 'GET',
    path: '/openapi.json',
    summary: 'This interface as an OpenAPI 3.1 document.',
    answer: json,
  }),
  nodes: route({
    method: 'GET',
    path: '/nodes',
    summary: 'The catalogue: every node and socket type, as an editor needs it.',
    scope: 'read',
    answer: json,
  }),

  // Jobs
  submit: route({
    method: 'POST',
    path: '/jobs',
    summary: 'Submits a workflow. Once answered, the job survives whatever happens.',
    scope: 'submit',
    body: submission,
    answer: job,
    status: 201,
    errors: ['workflow/invalid', 'server/queue-full', 'server/stopping'],
  }),
  jobs: route({
    method: 'GET',
    path: '/jobs',
    summary: 'Jobs, newest first.',
    scope: 'read',
    query: jobsQuery,
    answer: jobPage,
  }),
  job: route({ method: 'GET', path: '/jobs/:job', summary: 'One job.', scope: 'read', params: byJob, answer: job }),
  removeJob: route({
    method: 'DELETE',
    path: '/jobs/:job',
    summary: 'Forgets a job that has ended, with its log and what only it refers to.',
    scope: 'submit',
    params: byJob,
    errors: ['job/state'],
  }),
  jobEvents: route({
    method: 'GET',
    path: '/jobs/:job/events',
    summary: 'The log of a job.',
    scope: 'read',
    params: byJob,
    query: eventsQuery,
    answer: eventPage,
  }),
  jobWorkflow: route({
    method: 'GET',
    path: '/jobs/:job/workflow',
    summary: 'The document that the job runs, and the values that it was given.',
    scope: 'read',
    params: byJob,
    answer: z.object({ workflow: z.string(), inputs: z.record(z.string(), json) }),
  }),
  cancel: route({
    method: 'POST',
    path: '/jobs/:job/cancel',
    summary: 'Cancels a job, queued or running. One that has ended stays as it is.',
    scope: 'submit',
    params: byJob,
    answer: job,
  }),
  pause: route({
    method: 'POST',
    path: '/jobs/:job/pause',
    summary: 'Holds a queued job back; a running one goes back to its place, and what it has finished is kept.',
    scope: 'submit',
    params: byJob,
    answer: job,
    errors: ['job/state'],
  }),
  resume: route({
    method: 'POST',
    path: '/jobs/:job/resume',
    summary: 'Lets a paused job run.',
    scope: 'submit',
    params: byJob,
    answer: job,
    errors: ['job/state'],
  }),
  retry: route({
    method: 'POST',
    path: '/jobs/:job/retry',
    summary: 'Queues a failed or cancelled job again; finished nodes are not computed twice.',
    scope: 'submit',
    params: byJob,
    answer: job,
    errors: ['job/state'],
  }),
  move: route({
    method: 'POST',
    path: '/jobs/:job/move',
    summary: 'Gives a queued job another place among the submitter’s jobs, or another priority.',
    scope: 'submit',
    params: byJob,
    body: move,
    answer: job,
    errors: ['job/state'],
  }),
  check: route({
    method: 'POST',
    path: '/check',
    summary: 'Every error and warning of a workflow; nothing is run.',
    scope: 'read',
    body: checkRequest,
    answer: z.object({ errors: z.array(problem), warnings: z.array(problem) }),
  }),

  // Files
  upload: route({
    method: 'POST',
    path: '/uploads',
    summary: 'Takes a file. The answer’s `file` stands for it in workflows.',
    scope: 'submit',
    query: z.object({ name: z.string().min(1).max(200) }),
    body: 'bytes',
    answer: upload,
    status: 201,
    errors: ['request/too-large', 'request/media-type'],
  }),
  uploads: route({
    method: 'GET',
    path: '/uploads',
    summary: 'Files that the submitter has uploaded, newest first.',
    scope: 'read',
    query: z.object(paging),
    answer: page(upload),
  }),
  inputFile: route({
    method: 'GET',
    path: '/files',
    summary: 'The picture that a file param names, if it is with the server: an upload, or one that came along.',
    scope: 'read',
    query: z.object({ path: z.string().min(1).max(2000) }),
    answer: z.object({ digest: digest.optional().describe('GET /v1/artifacts/<digest>; absent: it is not here') }),
  }),
  artifact: route({
    method: 'GET',
    path: '/artifacts/:digest',
    summary: 'Bytes of an output or upload. They never change.',
    scope: 'read',
    params: z.object({ digest }),
    query: z.object({ name: z.string().max(200).optional().describe('File name to offer for saving') }),
    answer: 'bytes',
  }),
  thumbnail: route({
    method: 'GET',
    path: '/artifacts/:digest/thumbnail',
    summary: 'A small WebP of a picture.',
    scope: 'read',
    params: z.object({ digest }),
    query: z.object({ size: z.coerce.number().int().min(16).max(512).default(160).describe('Longer edge, pixels') }),
    answer: 'bytes',
  }),
  pictureWorkflow: route({
    method: 'GET',
    path: '/artifacts/:digest/workflow',
    summary: 'The workflow that a PNG carries.',
    scope: 'read',
    params: z.object({ digest }),
    answer: z.object({ workflow: z.string(), inputs: z.record(z.string(), json) }),
  }),

  // Saved workflows
  workflows: route({
    method: 'GET',
    path: '/workflows',
    summary: 'Saved workflows and templates.',
    scope: 'read',
    answer: z.object({ items: z.array(workflowSummary) }),
  }),
  workflow: route({
    method: 'GET',
    path: '/workflows/:name',
    summary: 'A saved workflow, byte for byte.',
    scope: 'read',
    params: byName,
    query: z.object({ revision: z.coerce.number().int().min(1).optional() }),
    answer: storedWorkflow,
  }),
  saveWorkflow: route({
    method: 'PUT',
    path: '/workflows/:name',
    summary: 'Saves a new revision. Over a stale base it is refused and kept beside: nothing is overwritten.',
    scope: 'submit',
    params: byName,
    body: saveWorkflow,
    answer: savedWorkflow,
    errors: ['workflow/stale', 'workflow/invalid'],
  }),
  revisions: route({
    method: 'GET',
    path: '/workflows/:name/revisions',
    summary: 'Revisions of a workflow, newest first.',
    scope: 'read',
    params: byName,
    answer: z.object({ items: z.array(revision) }),
  }),
  removeWorkflow: route({
    method: 'DELETE',
    path: '/workflows/:name',
    summary: 'Removes a workflow with all its revisions.',
    scope: 'submit',
    params: byName,
  }),

  importWorkflow: route({
    method: 'POST',
    path: '/import',
    summary: 'Turns a ComfyUI workflow, prompt, or picture that carries one into one of ours. Nothing is saved.',
    scope: 'read',
    query: z.object({ name: z.string().max(200).default('imported') }),
    body: 'bytes',
    answer: importedWorkflow,
    errors: ['workflow/invalid'],
  }),

  // Models
  models: route({
    method: 'GET',
    path: '/models',
    summary: 'Models by name.',
    scope: 'read',
    answer: z.object({ items: z.array(modelSummary) }),
  }),
  modelReport: route({
    method: 'GET',
    path: '/models/:model',
    summary: 'Whether every tensor of a model, and of each preset on it, fits.',
    scope: 'read',
    params: z.object({ model: z.string().max(100) }),
    answer: matchReport,
  }),
  modelMemory: route({
    method: 'GET',
    path: '/models/:model/memory',
    summary: 'What a step of the sampler takes with so many tokens; nothing is loaded or run.',
    scope: 'read',
    params: z.object({ model: z.string().max(100) }),
    query: memoryQuery,
    answer: memoryForecast,
  }),
  downloadModel: route({
    method: 'POST',
    path: '/models',
    summary: 'Downloads a model from the hub and registers it; goes on where an earlier try stopped.',
    scope: 'admin',
    body: downloadRequest,
    answer: download,
    status: 202,
  }),
  removeModel: route({
    method: 'DELETE',
    path: '/models/:model',
    summary: 'Forgets a model’s name. Its files stay.',
    scope: 'admin',
    params: z.object({ model: z.string().max(100) }),
  }),
  downloads: route({
    method: 'GET',
    path: '/downloads',
    summary: 'Downloads since the start.',
    scope: 'admin',
    answer: z.object({ items: z.array(download) }),
  }),
  cancelDownload: route({
    method: 'POST',
    path: '/downloads/:id/cancel',
    summary: 'Stops a download; what has come is kept for the next try.',
    scope: 'admin',
    params: z.object({ id: z.uuid() }),
    answer: download,
  }),

  // Queue, schedules, tokens
  queue: route({
    method: 'GET',
    path: '/queue',
    summary: 'The queue as a whole, and its workers.',
    scope: 'read',
    answer: queueState,
  }),
  pauseQueue: route({
    method: 'POST',
    path: '/queue/pause',
    summary: 'No further job starts.',
    scope: 'admin',
    answer: queueState,
  }),
  resumeQueue: route({
    method: 'POST',
    path: '/queue/resume',
    summary: 'Jobs start again.',
    scope: 'admin',
    answer: queueState,
  }),
  schedules: route({
    method: 'GET',
    path: '/schedules',
    summary: 'Workflows that run by the clock.',
    scope: 'read',
    answer: z.object({ items: z.array(schedule) }),
  }),
  schedule: route({
    method: 'PUT',
    path: '/schedules/:id',
    summary: 'Runs a stored workflow by the clock.',
    scope: 'submit',
    params: z.object({ id: z.string().regex(/^[\w.-]{1,100}$/) }),
    body: scheduleRequest,
    answer: schedule,
  }),
  removeSchedule: route({
    method: 'DELETE',
    path: '/schedules/:id',
    summary: 'Ends a schedule.',
    scope: 'submit',
    params: z.object({ id: z.string().regex(/^[\w.-]{1,100}$/) }),
  }),
  tokens: route({
    method: 'GET',
    path: '/tokens',
    summary: 'Tokens, without their secrets.',
    scope: 'admin',
    answer: z.object({ items: z.array(token) }),
  }),
  addToken: route({
    method: 'POST',
    path: '/tokens',
    summary: 'Makes a token. Its secret is told this once.',
    scope: 'admin',
    body: tokenRequest,
    answer: newToken,
    status: 201,
  }),
  removeToken: route({
    method: 'DELETE',
    path: '/tokens/:name',
    summary: 'Makes a token invalid.',
    scope: 'admin',
    params: byName,
  }),

  // For workers
  storeArtifact: route({
    method: 'PUT',
    path: '/artifacts/:digest',
    summary: 'Keeps bytes under their digest, which is checked.',
    scope: 'worker',
    params: z.object({ digest }),
    body: 'bytes',
  }),
  cachedResult: route({
    method: 'GET',
    path: '/cache/:digest',
    summary: 'A result of a node that some worker has computed, in the form of the cache’s files.',
    scope: 'worker',
    params: z.object({ digest }),
    answer: 'bytes',
  }),
  storeResult: route({
    method: 'PUT',
    path: '/cache/:digest',
    summary: 'Keeps the result of a node for other workers.',
    scope: 'worker',
    params: z.object({ digest }),
    body: 'bytes',
  }),
} as const

export type Routes = typeof routes
export type RouteName = keyof Routes
