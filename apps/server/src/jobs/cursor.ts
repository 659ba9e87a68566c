// Cursors of pages: the key of the last item, opaque to clients.
import { ServerProblem } from '../problem.js'

export const writeCursor = (key: readonly (string | number)[]): string =>
  Buffer.from(JSON.stringify(key)).toString('base64url')

/** The key in a cursor of `length` parts, all numbers. Throws request/invalid. */
export function readCursor(cursor: string, length: number): number[] {
  try {
    const key = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown
    if (Array.isArray(key) && key.length === length && key.every(Number.isSafeInteger)) return key
  } catch {
    // Not of ours: said below.
  }
  throw new ServerProblem('request/invalid', 'cursor: expected the `next` of a page, got something else')
}
