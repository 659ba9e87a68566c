// Every fault that a caller of the world can cause, under one stable code each.

/** Code → meaning. Codes are stable: scripts may match on them. */
export const worldErrorCodes = {
  'world/index-invalid': 'the index of a sample is not a whole number from 0 to 2^53 − 1',
  'world/difficulty-invalid': 'a knob of the difficulty is not a number from 0 to 1',
  'world/mixture-invalid': 'the weights of the tasks are negative or all zero',
  'world/choice-invalid': 'a choice is not one of those that there are',
  'world/sheet-invalid': 'a contact sheet has no samples, or more than one picture can hold',
} as const

export type WorldErrorCode = keyof typeof worldErrorCodes

/** A user's fault in asking for samples. Message: `<where>: expected <rule>, got <value>`. */
export class WorldError extends Error {
  override readonly name = 'WorldError'
  readonly userFault = true as const

  constructor(
    readonly code: WorldErrorCode,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options)
  }
}
