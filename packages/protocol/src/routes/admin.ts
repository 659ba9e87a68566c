/** The queue, schedules and tokens. */
import { z } from 'zod'
import { newToken, queueState, schedule, scheduleRequest, token, tokenRequest } from '../admin.js'
import { route } from '../route.js'
import { name } from '../words.js'

const byName = z.object({ name })

export const adminRoutes = {
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
    summary: 'Workflows that run by the clock, of the submitter; of all for an admin.',
    scope: 'read',
    answer: z.object({ items: z.array(schedule) }),
  }),
  schedule: route({
    method: 'PUT',
    path: '/schedules/:id',
    summary: 'Runs a stored workflow by the clock, as long as the submitter’s token is valid.',
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
    query: z.object({ owner: name.optional().describe('For an admin: whose it is; default the own') }),
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
} as const
