// Text files named on the command line.
import { readFile } from 'node:fs/promises'
import { CliError } from './errors.js'

/** The text of a UTF-8 file; `what` names its purpose in errors. Throws cli/file-unreadable. */
export async function readText(path: string, what: string): Promise<string> {
  let bytes: Uint8Array
  try {
    bytes = await readFile(path)
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'none there' : (cause as Error).message
    throw new CliError('cli/file-unreadable', `${path}: expected ${what}, got ${reason}`, { cause })
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw new CliError('cli/file-unreadable', `${path}: expected ${what} in UTF-8, got other bytes`, { cause })
  }
}
