// A JSON body, read so that no text can make the parser, or what comes after it, recurse too deep.
import { defaultDocumentLimits, type JsonValue, scanJson } from '@dreamgraph/graph'
import { jsonForDatabase } from '../database/json.js'
import { ServerProblem } from '../problem.js'

/** JSON whose texts the database takes as they are. Throws request/invalid. */
export function readStorableJson(body: Uint8Array | undefined): JsonValue {
  const json = readJson(body)
  if (jsonForDatabase(json) === JSON.stringify(json)) return json
  const rule = 'text without NUL and halves of surrogate pairs'
  throw new ServerProblem('request/invalid', `body: expected ${rule}, got one of them`)
}

/** Throws request/invalid. */
export function readJson(body: Uint8Array | undefined): JsonValue {
  const text = Buffer.from(body ?? []).toString('utf8')
  const { depth } = scanJson(text)
  if (depth > defaultDocumentLimits.depth) {
    const rule = `JSON nested at most ${defaultDocumentLimits.depth} deep`
    throw new ServerProblem('request/invalid', `body: expected ${rule}, got ${depth}`)
  }
  try {
    return JSON.parse(text) as JsonValue
  } catch (cause) {
    throw new ServerProblem(
      'request/invalid',
      `body: expected JSON, got ${text.length === 0 ? 'nothing' : 'other text'}`,
      {
        cause,
      },
    )
  }
}
