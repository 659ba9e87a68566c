/** The one table of what a caller of this package can do wrong or run into, and the class that carries it. */

export const runtimeErrorCodes = {
  'runtime/cancelled': 'the caller aborted the load or the run',
  'runtime/carry-mismatch': 'an output cannot be carried to an input of another dtype or shape, or to none at all',
  'runtime/child-died': 'the process that runs the models ended in the middle of a request',
  'runtime/closed': 'the runtime was closed or the session released before the call',
  'runtime/device-unavailable': 'the requested device cannot run models here',
  'runtime/feed-dtype': 'a feed has another dtype than the model input, or its data is of another array type',
  'runtime/feed-missing': 'a model input has neither a feed nor a bound value',
  'runtime/feed-shape':
    'a feed does not fit the shape of its model input, or its length is not the product of its shape',
  'runtime/feed-unknown': 'a feed names no input of the model',
  'runtime/model-rejected': 'onnxruntime cannot open the model',
  'runtime/not-enough-memory': 'the estimate for the load or the run is over the memory that is left',
  'runtime/option-invalid': 'an option is outside its range',
  'runtime/output-unknown': 'a requested output is not one of the model',
  'runtime/run-failed': 'onnxruntime stopped in the middle of a run',
  'runtime/state-lost': 'values that runs left in the process of the models went with it; bind new ones',
  'runtime/weights-missing': 'a file that holds weights of the model is not there or not readable',
  'runtime/weights-truncated': 'a file that holds weights of the model ends before they do',
} as const

export type RuntimeErrorCode = keyof typeof runtimeErrorCodes

/** A fault outside our code. The message reads "<where>: expected <rule>, got <value>". */
export class RuntimeError extends Error {
  readonly code: RuntimeErrorCode
  readonly userFault = true as const

  constructor(code: RuntimeErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'RuntimeError'
    this.code = code
  }
}
