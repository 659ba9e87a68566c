// Everything a caller of the evaluation can run into, under one stable code each.

/** Code → meaning. Codes are stable: scripts may match on them. */
export const evaluationErrorCodes = {
  'eval/options-invalid': 'a number or name that the evaluation is asked with is not one that it can follow',
  'eval/picture-missing': 'a folder of pictures to score lacks one that the prompts ask for',
  'eval/picture-invalid': 'a picture to score cannot be read, or has not the size of a target',
  'eval/probe-invalid': 'a folder of the probe is not there, or was made for other attributes',
} as const

export type EvaluationErrorCode = keyof typeof evaluationErrorCodes

/** A fault outside our code. The message reads "<where>: expected <rule>, got <value>". */
export class EvaluationError extends Error {
  override readonly name = 'EvaluationError'
  readonly userFault = true as const

  constructor(
    readonly code: EvaluationErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }
}
