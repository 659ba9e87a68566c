// Tells a user's fault from our own bug, whichever package it comes from, and words both.

/** What every package's errors have in common. */
export interface UserFault extends Error {
  readonly code: string
  readonly userFault: true
  readonly hint?: string
}

/**
 * The fault that explains an error: a failed node's cause where that is a fault itself, since it names what is wrong.
 * Undefined: a bug of ours.
 */
export function userFaultOf(error: unknown): UserFault | undefined {
  if (!isUserFault(error)) return undefined
  if (error.code !== 'run/node-failed') return error
  return userFaultOf(error.cause)
}

/** One or two lines for a fault; for a bug, the stack and where to take it. */
export function describeError(error: unknown): string {
  const fault = userFaultOf(error)
  if (!fault) return describeBug(error)
  // The failed node's own message says which node it was and repeats the cause's.
  const { message } = error as Error
  const hint = fault.hint ?? hints[fault.code]
  return `error ${fault.code}: ${message}${hint ? `\nhint: ${hint}` : ''}`
}

/** What to do about faults whose message alone may leave one at a loss. */
const hints: Readonly<Record<string, string | undefined>> = {
  'document/newer-version': 'update dreamgraph to open this file',
  'dreamo/files-missing': '`dreamgraph models check PATH` says what each part of a model folder needs',
  'dreamo/embeddings-missing':
    'add a model/preset node, or a model/lora node with dreamo.safetensors, before the references',
  'nodes/file-missing':
    'relative paths are looked for where the command runs and beside the workflow; `verify --from FOLDER` adds places',
  'nodes/pack-changed': 'start the program again to take the pack as it is now',
  'nodes/pack-invalid': 'nodes/src/packs/README.md says how a pack is written',
  'nodes/model-missing': '`dreamgraph models list` shows the names; a path must lead to a model folder',
  'runtime/device-unavailable': '--device auto takes what there is and says why',
  'runtime/not-enough-memory':
    'make the picture smaller, use fewer references, or close other programs; training also takes less with ' +
    '"recompute": true and with "placeholders": "keep"',
  'train/diverged':
    'the newest checkpoint may already hold the step that did the harm: begin in another folder, with a lower learning rate or a ' +
    'longer warm-up',
  'weights/lora-does-not-fit': '`dreamgraph models check PATH` says what a file holds',
}

function isUserFault(error: unknown): error is UserFault {
  return error instanceof Error && (error as Partial<UserFault>).userFault === true
}

function describeBug(error: unknown): string {
  const text = error instanceof Error ? stackWithCauses(error) : `internal: ${String(error)}`
  return `${text}\nThis is a bug of dreamgraph. Please report it with the lines above and the workflow that led to it.`
}

function stackWithCauses(error: Error): string {
  const own = error.stack ?? String(error)
  return error.cause instanceof Error ? `${own}\ncaused by ${stackWithCauses(error.cause)}` : own
}
