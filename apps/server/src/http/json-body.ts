// A JSON body, read so that no text can make the parser, or what comes after it, recurse too deep.
import { defaultDocumentLimits, type JsonValue, scanJson } from '@dreamgraph/graph'
import { ServerProblem } from '../problem.js'

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
