/**
 * JSON as ComfyUI writes it: integers stay exact, since its seeds go up to 2^64 − 1, and Python's NaN and Infinity, which are
 * no JSON but stand in many of its pictures, are read as null.
 */
import { defaultDocumentLimits } from '@dreamgraph/graph'
import { fail } from './errors.js'
import { withoutTokens } from './secrets.js'

/** A JSON value whose integers beyond ±(2^53 − 1) are bigints. */
export type ComfyJson = null | boolean | number | bigint | string | ComfyJson[] | ComfyObject

export interface ComfyObject {
  [key: string]: ComfyJson
}

/** Deepest nesting that is read: a file of ComfyUI has about 10 levels, its extras may have more. */
export const maxDepth = 128

/** Digits of an integer that is kept exact; longer ones are no seeds of anyone. */
const maxExactDigits = 40

/** Reads JSON text. Throws comfy/not-json with the place, comfy/too-large. */
export function parseComfy(text: string): ComfyJson {
  const { textChars } = defaultDocumentLimits
  if (text.length > textChars) fail('comfy/too-large', '', `at most ${textChars} characters`, text.length)
  return new Reader(text).document()
}

/** Writes a value as one line of JSON, bigints as the integers they are: what JSON.stringify refuses. */
export function printComfy(value: ComfyJson): string {
  if (typeof value === 'bigint') return `${value}`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(printComfy).join(',')}]`
  const members = Object.entries(value).filter(([, member]) => member !== undefined)
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${printComfy(member)}`).join(',')}}`
}

const space = /[ \t\n\r]*/y
const number = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y
const word = /-?[A-Za-z]+/y

const words: Readonly<Record<string, ComfyJson | undefined>> = {
  true: true,
  false: false,
  null: null,
  NaN: null,
  Infinity: null,
  '-Infinity': null,
}

/** Recursive descent; the depth limit keeps the recursion short. */
class Reader {
  #at = 0

  constructor(readonly text: string) {
    if (text.charCodeAt(0) === 0xfeff) this.#at = 1
  }

  document(): ComfyJson {
    const value = this.#value(0)
    if (this.#peek() !== '') this.#refuse('the end of the text')
    return value
  }

  #value(depth: number): ComfyJson {
    const next = this.#peek()
    if (next === '"') return this.#string()
    if (next === '{' || next === '[') {
      if (depth === maxDepth) fail('comfy/too-large', '', `nesting of at most ${maxDepth}`, 'more')
      this.#at++
      return next === '{' ? this.#object(depth + 1) : this.#array(depth + 1)
    }
    const number = this.#number()
    return number === undefined ? this.#word() : number
  }

  #object(depth: number): ComfyObject {
    const members: [string, ComfyJson][] = []
    if (this.#take('}')) return {}
    do {
      if (this.#peek() !== '"') this.#refuse('a name in quotes')
      const key = this.#string()
      if (!this.#take(':')) this.#refuse('":"')
      members.push([key, this.#value(depth)])
    } while (this.#take(','))
    if (!this.#take('}')) this.#refuse('"," or "}"')
    return Object.fromEntries(members) // also a member called __proto__ becomes plain data
  }

  #array(depth: number): ComfyJson[] {
    const items: ComfyJson[] = []
    if (this.#take(']')) return items
    do items.push(this.#value(depth))
    while (this.#take(','))
    if (!this.#take(']')) this.#refuse('"," or "]"')
    return items
  }

  #string(): string {
    const start = this.#at
    for (let end = start + 1; end < this.text.length; end++) {
      const code = this.text.charCodeAt(end)
      if (code === 0x5c) end++
      else if (code === 0x22) {
        this.#at = end + 1
        try {
          return JSON.parse(this.text.slice(start, end + 1)) as string
        } catch {
          this.#at = start
          return this.#refuse('a string with valid escapes')
        }
      }
    }
    return this.#refuse('a closing quote')
  }

  #number(): number | bigint | null | undefined {
    number.lastIndex = this.#at
    const match = number.exec(this.text)
    if (!match) return undefined
    const [lexeme, fraction, exponent] = match
    this.#at += lexeme.length
    const value = Number(lexeme)
    if (!Number.isFinite(value)) return null
    const isInexact = fraction === undefined && exponent === undefined && !Number.isSafeInteger(value)
    return isInexact && lexeme.length <= maxExactDigits ? BigInt(lexeme) : value
  }

  #word(): ComfyJson {
    word.lastIndex = this.#at
    const name = word.exec(this.text)?.[0] ?? ''
    const value = Object.hasOwn(words, name) ? words[name] : undefined
    if (value === undefined) return this.#refuse('a value')
    this.#at += name.length
    return value
  }

  /** The next character that is no white space; empty at the end. */
  #peek(): string {
    space.lastIndex = this.#at
    this.#at += space.exec(this.text)![0].length
    return this.text.charAt(this.#at)
  }

  #take(character: string): boolean {
    if (this.#peek() !== character) return false
    this.#at++
    return true
  }

  #refuse(rule: string): never {
    const before = this.text.slice(0, this.#at).split('\n')
    const place = `line ${before.length}, column ${before.at(-1)!.length + 1}`
    const got = this.#at < this.text.length ? this.text.slice(this.#at, this.#at + 20) : 'the end of the text'
    return fail('comfy/not-json', '', `${rule} at ${place}`, withoutTokens(got))
  }
}
