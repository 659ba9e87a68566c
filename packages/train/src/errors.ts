// Everything a user can run into while training, under one stable code each.

/** Code → meaning. Codes are stable: scripts may match on them. */
export const trainErrorCodes = {
  'train/batch-invalid': 'a batch does not fit the bucket that it names',
  'train/checkpoint-invalid': 'a checkpoint lacks what the run needs, or belongs to another model or another config',
  'train/config-invalid': 'a training file breaks a rule; the message has a line for each path',
  'train/diverged': 'a loss or the length of the gradient is not a finite number; checkpoints before it are kept',
  'train/manifest-invalid': 'a data set breaks a rule; the message has a line for each fault',
  'train/model-unsuitable': 'a model cannot be trained on as it is',
  'train/stopped': 'the caller stopped the training; a checkpoint of the last step was written',
} as const

export type TrainErrorCode = keyof typeof trainErrorCodes

/** A fault outside our code. The message reads "<where>: expected <rule>, got <value>". */
export class TrainError extends Error {
  override readonly name = 'TrainError'
  readonly userFault = true as const

  constructor(
    readonly code: TrainErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }
}
