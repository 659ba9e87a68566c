/** Everything that can be wrong with a file or prompt of ComfyUI: one table of codes, one error class. */
import { showValue } from '@dreamgraph/graph'

/** code → what it means. Codes are stable: tools may match on them. */
export const comfyErrors = {
  'comfy/not-json': 'The text is not JSON.',
  'comfy/too-large': 'The text, its nesting, its counts or a chain of nodes exceed the limits.',
  'comfy/not-comfy': 'The value is neither an API prompt nor a workflow file of ComfyUI.',
  'comfy/shape': 'A field has the wrong JSON type.',
  'comfy/recursive-subgraph': 'A subgraph uses itself, directly or through others.',
  'comfy/cycle': 'The links of a prompt form a cycle.',
  'comfy/nothing-to-import': 'Nothing of the flow can be told in our nodes; the report says why.',
} as const

export type ComfyErrorCode = keyof typeof comfyErrors

/** One finding; `path` is a JSON pointer into the value that was read. */
export interface ComfyProblem {
  readonly code: ComfyErrorCode
  readonly path: string
  readonly message: string
}

/** A user's fault. `problems` holds every finding; code, path and message are those of the first. */
export class ComfyError extends Error {
  override readonly name = 'ComfyError'
  readonly userFault = true as const
  readonly code: ComfyErrorCode
  readonly path: string
  readonly problems: readonly ComfyProblem[]

  constructor(problems: readonly [ComfyProblem, ...ComfyProblem[]], options?: ErrorOptions) {
    const [first] = problems
    super(first.message + (problems.length > 1 ? ` (and ${problems.length - 1} more)` : ''), options)
    this.code = first.code
    this.path = first.path
    this.problems = problems
  }
}

/** One finding in the form `ComfyUI /3/inputs: expected <rule>, got <value>`. */
export function problem(code: ComfyErrorCode, path: string, rule: string, value: unknown): ComfyProblem {
  const where = path === '' ? 'ComfyUI file' : `ComfyUI file ${path}`
  return { code, path, message: `${where}: expected ${rule}, got ${showValue(value)}` }
}

/** Throws one finding. */
export function fail(code: ComfyErrorCode, path: string, rule: string, value: unknown, options?: ErrorOptions): never {
  throw new ComfyError([problem(code, path, rule, value)], options)
}

/** RFC 6901: `pointer('a/b', 0)` → `/a~1b/0`. */
export function pointer(...keys: readonly (string | number)[]): string {
  return keys.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}
