// How long lists made from params may get. Every item maps a whole flow, so a slip of a digit must not queue a million.
import { NodesError } from '../errors.js'

export const maxListItems = 10_000

/** Throws nodes/list-invalid unless the list has 1 to `maxListItems` items. */
export function checkListLength(length: number, where: string): void {
  if (length >= 1 && length <= maxListItems) return
  throw new NodesError('nodes/list-invalid', `${where}: expected 1 to ${maxListItems} items, got ${length}`)
}
