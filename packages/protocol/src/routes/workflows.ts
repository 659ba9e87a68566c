/** Saved workflows with their revisions. */
import { z } from 'zod'
import { route } from '../route.js'
import { name } from '../words.js'
import {
  importedWorkflow,
  revision,
  savedWorkflow,
  saveWorkflow,
  storedWorkflow,
  workflowSummary,
} from '../workflow.js'

const byName = z.object({ name })

export const workflowsRoutes = {
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
} as const
