import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ComfyError } from './errors.js'
import { parseComfy, printComfy } from './exact-json.js'

const codeOf = (text: string) => {
  try {
    parseComfy(text)
  } catch (error) {
    if (error instanceof ComfyError) return `${error.code} ${error.message}`
    throw error
  }
  return 'read'
}

describe('JSON of ComfyUI', () => {
  it('keeps seeds beyond 2^53 and leaves all other numbers numbers', () => {
    const text =
      '{"a":11980469406460273604,"b":18446744073709551615,"c":-9007199254740993,"d":12,"e":1.5,"f":1e20,"g":-0}'
    const value = parseComfy(text)
    expect(value).toEqual({
      a: 11980469406460273604n,
      b: 18446744073709551615n,
      c: -9007199254740993n,
      d: 12,
      e: 1.5,
      f: 1e20,
      g: -0,
    })
    expect(printComfy({ seed: 2n ** 64n - 1n, list: [1, 'a"b', null, true] })).toBe(
      '{"seed":18446744073709551615,"list":[1,"a\\"b",null,true]}',
    )
  })

  it('reads what Python writes although it is no JSON, and a byte order mark', () => {
    expect(parseComfy('\ufeff {"is_changed": [NaN, Infinity, -Infinity, 1e999]}')).toEqual({
      is_changed: [null, null, null, null],
    })
  })

  it('reads and writes any JSON as JSON.parse does, but for large integers', () => {
    // JSON.stringify writes integers from 1e21 on with an exponent: those are numbers like any other.
    const isExact = (value: unknown) => Number.isInteger(value) && Math.abs(value as number) < 1e21
    const exact = (_: string, value: unknown) =>
      isExact(value) && !Number.isSafeInteger(value) ? BigInt(JSON.stringify(value)) : value
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(undefined, 1, '\t'), (value, indent) => {
        const text = JSON.stringify(value, null, indent)
        expect(parseComfy(text)).toEqual(JSON.parse(text, exact))
        expect(JSON.parse(printComfy(parseComfy(text)))).toEqual(JSON.parse(text))
      }),
      { seed: 5, numRuns: 300 },
    )
  })

  it('names the place where a text is no JSON', () => {
    expect(codeOf('{"a": 1,\n "b" 2}')).toBe('comfy/not-json ComfyUI file: expected ":" at line 2, column 6, got "2}"')
    expect(codeOf('')).toContain('got "the end of the text"')
    for (const text of ['{', '[1', '[1,]', '{"a":}', '"a', '"\\x"', '01', '+1', 'nul', '1 2', '{a:1}', '"\n"']) {
      expect(codeOf(text), text).toContain('comfy/not-json')
    }
    expect(codeOf('['.repeat(200_000))).toContain('comfy/too-large')
    expect(codeOf('{"hf_token": hf_abcdefghijklmnopqrst}')).not.toContain('hf_abc')
  })
})
