/** Reading the small files of a tokenizer folder, with errors that say which file and what to do. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { DreamoError } from '../errors.js'

/** Bytes of `folder/name`, or undefined when there is no such file. */
export async function readOptional(folder: string, name: string): Promise<Buffer | undefined> {
  try {
    return await readFile(join(folder, name))
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    const message = `${join(folder, name)}: expected a readable file, got ${(cause as Error).message}`
    throw new DreamoError('dreamo/tokenizer-invalid', message, { cause })
  }
}

/** Parses JSON bytes against a schema. Throws tokenizer-invalid. */
export function parseTokenizerJson<Schema extends z.ZodType>(
  bytes: Buffer,
  schema: Schema,
  where: string,
): z.output<Schema> {
  let json: unknown
  try {
    json = JSON.parse(bytes.toString('utf8'))
  } catch (cause) {
    const message = `${where}: expected JSON, got ${bytes.length} bytes that do not parse`
    throw new DreamoError('dreamo/tokenizer-invalid', message, { cause })
  }
  const result = schema.safeParse(json)
  if (result.success) return result.data
  const { path, message } = result.error.issues[0]!
  const at = path.map(String).join('.') || 'the file'
  throw new DreamoError('dreamo/tokenizer-invalid', `${where}: expected a valid ${at}, got: ${message}`, {
    cause: result.error,
  })
}

/** A special token as tokenizer_config.json writes it: plain, or as an AddedToken record. */
export const specialToken = z
  .union([z.string(), z.object({ content: z.string() }).transform(({ content }) => content)])
  .nullish()

/** The id of a token the encoder cannot do without. Throws tokenizer-invalid. */
export function requiredId(id: number | undefined, token: string, where: string): number {
  if (id !== undefined) return id
  throw new DreamoError('dreamo/tokenizer-invalid', `${where}: expected the token ${token} in the vocabulary, got none`)
}
