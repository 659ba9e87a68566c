// How a prompt ended, in ComfyUI's messages: told over the WebSocket when it happens, and kept in the history.
import type { Failure } from '@dreamgraph/protocol'

export interface Message {
  readonly type: string
  readonly data: Readonly<Record<string, unknown>>
}

/** Of one prompt: what the messages about its end name. */
export interface PromptNodes {
  readonly id: string
  /** Our node → ComfyUI's. */
  readonly origins: Readonly<Record<string, string>>
  /** ComfyUI's node → its class. */
  readonly classes: Readonly<Record<string, string>>
}

interface Ended {
  readonly executed: readonly string[]
  readonly atMs: number
}

export const started = (id: string, atMs: number): Message => ({
  type: 'execution_start',
  data: { prompt_id: id, timestamp: atMs },
})

export const cached = (id: string, nodes: readonly string[], atMs: number): Message => ({
  type: 'execution_cached',
  data: { nodes, prompt_id: id, timestamp: atMs },
})

export const succeeded = (id: string, atMs: number): Message => ({
  type: 'execution_success',
  data: { prompt_id: id, timestamp: atMs },
})

export function failed({ id, origins, classes }: PromptNodes, error: Failure, { executed, atMs }: Ended): Message {
  const { code, message, node } = error
  // Clients look the node up in their prompt; a fault of the whole job is told at its first.
  const at = (node !== undefined ? origins[node] : undefined) ?? Object.keys(classes)[0] ?? ''
  return {
    type: 'execution_error',
    data: {
      ...{ prompt_id: id, node_id: at, node_type: classes[at] ?? '', executed },
      ...{ exception_message: message, exception_type: code, traceback: [`${code}: ${message}`] },
      ...{ current_inputs: {}, current_outputs: [], timestamp: atMs },
    },
  }
}

export function interrupted(
  { id, classes }: PromptNodes,
  { node, executed, atMs }: Ended & { node?: string },
): Message {
  const data = { prompt_id: id, node_id: node ?? '', node_type: classes[node ?? ''] ?? '', executed, timestamp: atMs }
  return { type: 'execution_interrupted', data }
}
