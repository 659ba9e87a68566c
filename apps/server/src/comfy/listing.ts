// Queue and history in ComfyUI's form. Prompts go in as the texts that they are stored as, so that no seed loses a digit.
import { type ComfyObject, parseComfy } from '@dreamgraph/comfy'
import { imagesOf } from './addresses.js'
import { cached, failed, interrupted, type Message, type PromptNodes, started, succeeded } from './outcome.js'
import type { PromptRow, Records } from './records.js'

/** `[number, prompt_id, prompt, extra_data, outputs_to_execute]` */
const tuple = ({ place, job, prompt, extra_data, outputs }: PromptRow): string =>
  `[${place},${JSON.stringify(job)},${prompt},${extra_data},${outputs}]`

export async function queueText(records: Records, owner: string): Promise<string> {
  const [running, pending] = [await records.running(owner), await records.waiting(owner)]
  return `{"queue_running":[${running.map(tuple)}],"queue_pending":[${pending.map(tuple)}]}`
}

export function historyText(rows: readonly PromptRow[]): string {
  return `{${rows.map((row) => `${JSON.stringify(row.job)}:${entry(row)}`)}}`
}

function entry(row: PromptRow): string {
  const outputs = imagesOf(row.job, row.node_of, row.job_outputs)
  const isSuccess = row.state === 'finished'
  const status = {
    status_str: isSuccess ? 'success' : 'error',
    completed: isSuccess,
    messages: messagesOf(row).map(({ type, data }) => [type, data]),
  }
  const meta = Object.fromEntries(
    Object.keys(outputs).map((node) => [
      node,
      { node_id: node, display_node: node, parent_node: null, real_node_id: node },
    ]),
  )
  return (
    `{"prompt":${tuple(row)},"outputs":${JSON.stringify(outputs)},"status":${JSON.stringify(status)},` +
    `"meta":${JSON.stringify(meta)}}`
  )
}

function messagesOf(row: PromptRow): Message[] {
  const { job, started_at, ended_at, state, error } = row
  const atMs = ended_at ?? 0
  const before = [started(job, started_at ?? atMs), cached(job, [], started_at ?? atMs)]
  if (state === 'finished') return [...before, succeeded(job, atMs)]
  if (state === 'failed' && error) return [...before, failed(promptNodes(row), error, { executed: [], atMs })]
  return [...before, interrupted(promptNodes(row), { executed: [], atMs })]
}

/** What messages about a prompt name. */
export function promptNodes({ job, prompt, node_of }: Pick<PromptRow, 'job' | 'prompt' | 'node_of'>): PromptNodes {
  const nodes = Object.entries(parseComfy(prompt) as Record<string, ComfyObject>)
  const classes = Object.fromEntries(nodes.map(([id, { class_type }]) => [id, String(class_type)]))
  return { id: job, origins: node_of.nodes, classes }
}
