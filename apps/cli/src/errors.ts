// The user faults that the command line itself can report: one table of stable codes, one error class.

/** Code → what it means. Codes are stable: scripts may match on them. */
export const cliErrors = {
  'cli/usage': 'The command line has an unknown command, option or argument, or lacks one.',
  'cli/file-unreadable': 'A file named on the command line is absent, a folder, or may not be read.',
  'cli/input-invalid': 'An --input is not name=value, or its value has not the type that the workflow declares.',
  'cli/workflow-invalid': 'The workflow has errors; each is listed with its own code.',
  'cli/record-missing': 'A picture carries no record of its making, so there is nothing to verify.',
  'cli/stopped': 'A signal stopped a command that goes on when it is given again.',
  'cli/folder-not-empty': 'A folder to write a model into already holds files.',
} as const

export type CliErrorCode = keyof typeof cliErrors

/** A fault of whoever typed the command. The message reads `<where>: expected <rule>, got <value>`; `cause` is kept. */
export class CliError extends Error {
  override readonly name = 'CliError'
  readonly userFault = true as const
  readonly code: CliErrorCode
  /** What to do about it, in a sentence. */
  readonly hint: string | undefined

  constructor(code: CliErrorCode, message: string, options: ErrorOptions & { readonly hint?: string } = {}) {
    super(message, options)
    this.code = code
    this.hint = options.hint
  }
}
