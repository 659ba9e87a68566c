/** Jobs from their submission to their removal, and the check before. */
import { z } from 'zod'
import { problem } from '../error.js'
import { eventPage, eventsQuery } from '../event.js'
import { job, jobPage, jobsQuery, move, submission } from '../job.js'
import { route } from '../route.js'
import { jobId, json } from '../words.js'

const byJob = z.object({ job: jobId })
const checkRequest = z.object({
  workflow: z.union([z.string(), z.looseObject({})]),
  inputs: z.record(z.string(), json).default({}),
})

export const jobsRoutes = {
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
} as const
