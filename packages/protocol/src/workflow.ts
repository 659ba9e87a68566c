/** Saved workflows with their revisions, and the templates that come along. */
import { z } from 'zod'
import { digest, name, timeMs } from './words.js'

export const revision = z.object({
  revision: z.int().min(1),
  savedAtMs: timeMs,
  savedBy: z.string(),
  digest: digest.describe('Of the text'),
  base: z.int().min(0).describe('The revision that it was made from; 0 for none'),
  conflict: z.boolean().describe('Saved over a revision that was not the latest: kept aside, not the head'),
})

export type Revision = z.infer<typeof revision>

export const workflowSummary = z.object({
  name,
  title: z.string(),
  description: z.string(),
  head: z.int().min(0).describe('Latest revision; 0 for templates, which have none'),
  savedAtMs: timeMs.optional(),
  template: z.boolean().describe('Comes with dreamgraph; read-only'),
  picture: digest.optional().describe('Newest picture that a job of it made; of a template the one that comes with it'),
})

export type WorkflowSummary = z.infer<typeof workflowSummary>

export const storedWorkflow = workflowSummary.extend({
  revision: z.int().min(0),
  text: z.string().describe('The document, byte for byte as it was saved'),
})

export type StoredWorkflow = z.infer<typeof storedWorkflow>

export const saveWorkflow = z.object({
  text: z.string(),
  base: z.int().min(0).describe('The revision that was edited; 0 for a new workflow'),
})

export const savedWorkflow = z.object({ name, revision })

/** What became of one node of a ComfyUI flow. */
export const importEntry = z.object({
  kind: z.enum(['mapped', 'guessed', 'refused']),
  node: z.string(),
  class: z.string(),
  what: z.string(),
  why: z.string(),
  nodes: z.array(z.string()).describe('Ours that stand for it'),
})

export type ImportEntry = z.infer<typeof importEntry>

export const importedWorkflow = z.object({
  text: z.string().describe('The document'),
  report: z.array(importEntry),
})

export type ImportedWorkflow = z.infer<typeof importedWorkflow>

/** Body of a refused save: what is there now, and under which number the refused text is kept. */
export const staleSave = z.object({ head: revision, kept: revision })
