// Runs one command line and turns whatever happens into words and an exit code.
import { CommanderError } from 'commander'
import { errorRecord } from './error-record.js'
import { exitCodeOf, exitCodes } from './exit-codes.js'
import { describeError } from './faults.js'
import { buildProgram } from './program.js'
import { printJson } from './progress/json-lines.js'

/** Runs a command line as in `process.argv` and sets `process.exitCode`. Never throws. */
export async function main(argv: readonly string[]): Promise<void> {
  // A reader such as `head` may go away; that is not an error of ours.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(exitCodes.done)
    throw error
  })
  try {
    await buildProgram().parseAsync([...argv])
  } catch (error) {
    process.exitCode = report(error, argv.includes('--json'))
  }
}

function report(error: unknown, json: boolean): number {
  // Commander has printed help, the version or what is wrong with the command line.
  if (error instanceof CommanderError && error.exitCode === 0) return exitCodes.done
  if (error instanceof CommanderError) {
    if (json) printJson({ type: 'error', code: 'cli/usage', message: error.message, exitCode: exitCodes.invalidInput })
    return exitCodes.invalidInput
  }
  const code = exitCodeOf(error)
  if (json) printJson({ type: 'error', ...errorRecord(error), exitCode: code })
  else process.stderr.write(`${code === exitCodes.cancelled ? 'cancelled' : describeError(error)}\n`)
  return code
}
