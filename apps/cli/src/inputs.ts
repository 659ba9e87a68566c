// `--input name=value` into values of the types that the workflow declares.
import { randomBytes } from 'node:crypto'
import type { DeclaredInput, JsonValue, Workflow } from '@dreamgraph/graph'
import { CliError } from './errors.js'
import { readText } from './read-text.js'

export interface GivenInputs {
  /** As JSON, by input name. Ranges and choices are the checker's business. */
  readonly values: Readonly<Record<string, JsonValue>>
  /** Seeds that were drawn because the value was `random`. */
  readonly drawn: readonly { readonly input: string; readonly seed: string }[]
}

/** Reads the values of `--input`. A list takes its items from repeated options, or one JSON array. Throws cli/input-invalid. */
export async function readInputs(pairs: readonly string[], { inputs = {} }: Workflow): Promise<GivenInputs> {
  const values: Record<string, JsonValue> = {}
  const drawn: { input: string; seed: string }[] = []
  for (const pair of pairs) {
    const [name, text] = splitPair(pair)
    const declared = Object.hasOwn(inputs, name) ? inputs[name] : undefined
    const isRepeated = Object.hasOwn(values, name)
    const item = itemType(declared)
    const value = isArrayText(text, declared) ? parseJson(name, text) : await readValue(name, text, item.type, drawn)
    if (!item.isList) {
      if (isRepeated) invalid(name, 'one value', 'several')
      values[name] = value
    } else {
      const items = Array.isArray(value) ? value : [value]
      values[name] = isRepeated ? [...(values[name] as JsonValue[]), ...items] : items
    }
  }
  return { values, drawn }
}

function splitPair(pair: string): [name: string, text: string] {
  const at = pair.indexOf('=')
  if (at > 0) return [pair.slice(0, at), pair.slice(at + 1)]
  throw new CliError('cli/input-invalid', `--input: expected name=value, got ${JSON.stringify(pair)}`)
}

/** Inputs that are not declared are read as text; the checker then names the nearest that is. */
function itemType(declared: DeclaredInput | undefined): { type: string; isList: boolean } {
  const list = /^list<(.+)>$/.exec(declared?.type ?? '')
  return list ? { type: list[1]!, isList: true } : { type: declared?.type ?? 'text', isList: false }
}

function isArrayText(text: string, declared: DeclaredInput | undefined): boolean {
  return itemType(declared).isList && text.trimStart().startsWith('[')
}

async function readValue(
  name: string,
  text: string,
  type: string,
  drawn: { input: string; seed: string }[],
): Promise<JsonValue> {
  switch (type) {
    case 'text':
      return readTextValue(name, text)
    case 'int':
      return /^[+-]?\d+$/.test(text) ? Number(text) : invalid(name, 'a whole number', text)
    case 'float':
      return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : invalid(name, 'a number', text)
    case 'boolean':
      return text === 'true' || text === 'false' ? text === 'true' : invalid(name, 'true or false', text)
    case 'json':
      return parseJson(name, text)
    case 'seed':
      if (text !== 'random') return text
      drawn.push({ input: name, seed: `${randomBytes(8).readBigUInt64LE()}` })
      return drawn.at(-1)!.seed
    default:
      return text // a file's path; or a type that takes no text, which the checker says better
  }
}

/** `@prompt.txt` is the text of a file without its last line break; `@@` stands for a text that begins with @. */
async function readTextValue(name: string, text: string): Promise<string> {
  if (text.startsWith('@@')) return text.slice(1)
  if (!text.startsWith('@')) return text
  return (await readText(text.slice(1), `a text file for the input "${name}"`)).replace(/\r?\n$/, '')
}

function parseJson(name: string, text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue
  } catch {
    return invalid(name, 'JSON', text)
  }
}

function invalid(name: string, rule: string, got: string): never {
  const shown = got.length > 80 ? `${got.slice(0, 79)}…` : got
  throw new CliError('cli/input-invalid', `--input ${name}: expected ${rule}, got ${shown || 'nothing'}`)
}
