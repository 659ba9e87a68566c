/** Findings of zod as ours: each with the place in the whole file. */
import type { z } from 'zod'
import { type ComfyProblem, pointer, problem } from './errors.js'

/** Validates one part of a file that stands at `path`. Without a value there are problems. */
export function readPart<S extends z.ZodType>(
  schema: S,
  value: unknown,
  path: string,
): { readonly value?: z.output<S>; readonly problems: readonly ComfyProblem[] } {
  const result = schema.safeParse(value, { reportInput: true })
  if (result.success) return { value: result.data, problems: [] }
  return {
    problems: result.error.issues.map((issue) => {
      const keys = issue.path.map((key) => (typeof key === 'symbol' ? String(key) : key))
      return problem('comfy/shape', path + pointer(...keys), ruleOf(issue), issue.input)
    }),
  }
}

function ruleOf(issue: { readonly code: string; readonly message: string; readonly expected?: unknown }): string {
  if (issue.code === 'invalid_type') return issue.expected === 'record' ? 'object' : String(issue.expected)
  return issue.message.replace(/^Invalid \w+: expected |^expected /, '')
}
