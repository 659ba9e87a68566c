// JSON and texts as PostgreSQL takes them. Its texts hold neither NUL nor halves of surrogate pairs, which JSON can spell.

/** JSON text in which such characters are the replacement character. */
export function jsonForDatabase(value: unknown): string {
  // JSON.stringify spells exactly these as escapes, a whole pair never; an even number of backslashes before is text.
  return JSON.stringify(value).replace(/(?<!\\)((?:\\\\)*)\\u(?:0000|d[89a-f][0-9a-f]{2})/g, '$1\\ufffd')
}

/** The same for a text. */
export const textForDatabase = (text: string): string => text.replace(/\0|\p{Surrogate}/gu, '\ufffd')
