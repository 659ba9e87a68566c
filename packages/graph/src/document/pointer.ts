/** JSON pointers (RFC 6901). */

/** `pointer('nodes', 'a/b')` → `/nodes/a~1b`. */
export function pointer(...keys: readonly (string | number)[]): string {
  return keys.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}
