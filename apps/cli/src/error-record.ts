// An error as the last JSON line of a command.
import type { JsonValue, Problem } from '@dreamgraph/graph'
import { userFaultOf } from './faults.js'

/** {code, message, node?, hint?, problems?}; a bug of ours has the code `internal` and its stack. */
export function errorRecord(error: unknown): Record<string, JsonValue | readonly Problem[]> {
  const fault = userFaultOf(error)
  const { message, stack, node } = error as Partial<Error & { node: string }>
  if (!fault) return { code: 'internal', message: message ?? String(error), ...(stack && { stack }) }
  const { problems } = error as { problems?: readonly Problem[] }
  return {
    code: fault.code,
    message: message!,
    ...(node !== undefined && { node }),
    ...(fault.hint !== undefined && { hint: fault.hint }),
    ...(problems && { problems }),
  }
}
