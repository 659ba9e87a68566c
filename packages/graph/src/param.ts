/** Params: settings of a node that live in the document by name. Each kind also is a socket type, so a link can drive it. */
import type { JsonValue } from './json.js'
import { booleanType, fileType, floatType, intType, jsonType, seedType, textType } from './primitives.js'
import type { SocketType } from './socket-type.js'

/** Says why a value breaks a param's rule; `rule` completes "expected …". */
export interface ParamFault {
  readonly fault: 'type' | 'range'
  readonly rule: string
}

interface ParamTexts {
  readonly title?: string
  readonly description?: string
}

export interface NumberParamOptions extends ParamTexts {
  readonly default?: number
  readonly min?: number
  readonly max?: number
  /** For editors: the increment of a spinner. Values between steps are valid. */
  readonly step?: number
}

export interface TextParamOptions extends ParamTexts {
  readonly default?: string
  readonly multiline?: boolean
  readonly placeholder?: string
  readonly maxLength?: number
}

export interface FileParamOptions extends ParamTexts {
  readonly default?: string
  /** Extensions an editor should offer, without dots. */
  readonly extensions?: readonly string[]
}

export type ParamKind = 'int' | 'float' | 'text' | 'boolean' | 'choice' | 'seed' | 'file' | 'json'

/** One param. `V` is what `run` receives. */
export interface Param<V> {
  readonly kind: ParamKind
  readonly type: SocketType<unknown>
  /** Ranges, choices and texts as plain JSON, as an editor needs them. */
  readonly options: Readonly<Record<string, unknown>>
  /** Undefined: the document or a link must give a value. */
  readonly defaultValue: V | undefined
  /** Takes the JSON of a document or the value of a link. */
  read(value: unknown): { readonly value: V } | ParamFault
  /** The JSON spelling of a value, for keys and for documents. */
  toJson(value: V): JsonValue
}

export const p = {
  /** Whole number. */
  int: (options: NumberParamOptions = {}): Param<number> =>
    define('int', intType, options, `an integer${rangeText(options)}`, (value) => inRange(value, options)),

  /** Finite number. */
  float: (options: NumberParamOptions = {}): Param<number> =>
    define('float', floatType, options, `a number${rangeText(options)}`, (value) => inRange(value, options)),

  text: (options: TextParamOptions = {}): Param<string> => {
    const maxLength = options.maxLength ?? Number.POSITIVE_INFINITY
    const rule = options.maxLength === undefined ? 'a text' : `a text of at most ${maxLength} characters`
    return define('text', textType, options, rule, (value) => value.length <= maxLength)
  },

  boolean: (options: ParamTexts & { readonly default?: boolean } = {}): Param<boolean> =>
    define('boolean', booleanType, options, 'true or false', () => true),

  /** One of a few words; `run` sees their literal union. */
  choice: <const C extends readonly [string, ...string[]]>(
    choices: C,
    options: ParamTexts & { readonly default?: C[number] } = {},
  ): Param<C[number]> => {
    const rule = `one of ${choices.map((choice) => `"${choice}"`).join(', ')}`
    const inner = define<string>('choice', textType, { ...options, choices }, rule, (value) => choices.includes(value))
    return inner as Param<C[number]>
  },

  /** 0 … 2^64 − 1; bigint in `run`, a decimal string in JSON. */
  seed: (options: ParamTexts & { readonly default?: bigint } = {}): Param<bigint> =>
    define('seed', seedType, options, 'a decimal string from "0" to "18446744073709551615"', () => true, String),

  /** Path of a file, as the user wrote it; who opens it resolves it. */
  file: (options: FileParamOptions = {}): Param<string> => define('file', fileType, options, 'a file path', () => true),

  /** Any JSON value; for structured settings that no other kind can hold. */
  json: (options: ParamTexts & { readonly default?: JsonValue } = {}): Param<JsonValue> =>
    define('json', jsonType, options, 'a JSON value', () => true),
} as const

function define<V>(
  kind: ParamKind,
  type: SocketType<V>,
  options: ParamTexts & { readonly default?: V; readonly choices?: readonly string[] },
  rule: string,
  accepts: (value: V) => boolean,
  toJson: (value: V) => JsonValue = (value) => value as JsonValue,
): Param<V> {
  const { default: defaultValue, ...rest } = options
  if (defaultValue !== undefined && !accepts(defaultValue)) {
    throw new Error(`internal: default of a ${kind} param must be ${rule}`)
  }
  return {
    kind,
    type,
    options: { ...rest },
    defaultValue,
    read(value) {
      const parsed = type.parse!(value)
      if (parsed === undefined) return { fault: 'type', rule }
      return accepts(parsed) ? { value: parsed } : { fault: 'range', rule }
    },
    toJson,
  }
}

function inRange(value: number, { min, max }: NumberParamOptions): boolean {
  return value >= (min ?? Number.NEGATIVE_INFINITY) && value <= (max ?? Number.POSITIVE_INFINITY)
}

function rangeText({ min, max }: NumberParamOptions): string {
  if (min !== undefined && max !== undefined) return ` from ${min} to ${max}`
  if (min !== undefined) return ` of at least ${min}`
  return max !== undefined ? ` of at most ${max}` : ''
}
