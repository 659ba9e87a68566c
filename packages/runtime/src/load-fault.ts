/** Tells from onnxruntime's words whether the model itself or a file of its weights is at fault. */

import { RuntimeError, type RuntimeErrorCode } from './errors.js'

const rules: readonly { readonly code: RuntimeErrorCode; readonly says: RegExp; readonly expected: string }[] = [
  {
    code: 'runtime/weights-missing',
    says: /No such file|does not exist|cannot find|system error number (2|13)\b|Permission denied/i,
    expected: 'readable files of weights',
  },
  {
    code: 'runtime/weights-truncated',
    says: /out of bounds|exceed|file size|file_length|not enough|are out of range/i,
    expected: 'files that hold all weights',
  },
]

/** The typed error for a load that onnxruntime refused; its own words stay in the message and as the cause. */
export function explainLoadFault(what: string, fault: Error): RuntimeError {
  const rule = rules.find(({ says }) => says.test(fault.message))
  const expected = rule?.expected ?? 'a model that onnxruntime accepts'
  const message = `${what}: expected ${expected}, got ${fault.message}`
  return new RuntimeError(rule?.code ?? 'runtime/model-rejected', message, { cause: fault })
}
