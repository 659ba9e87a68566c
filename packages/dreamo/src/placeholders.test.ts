import fc from 'fast-check'
import { expect, test } from 'vitest'
import { findMalformedPlaceholders, findPlaceholders, PLACEHOLDER_TOKENS } from './placeholders.js'
import { goldenJson } from './testing/golden.js'

test('the ten tokens in the order of their ids', () => {
  const { ref_token_ids } = goldenJson<{ ref_token_ids: Record<string, number> }>('tokenizers/expected.json')
  expect(PLACEHOLDER_TOKENS).toEqual(Object.keys(ref_token_ids))
})

test('placeholders are found with their places', () => {
  const prompt = 'a fox [ref#1][ref#9] as [res]'
  expect(findPlaceholders(prompt)).toEqual([
    { token: '[ref#1]', slot: 1, start: 6, end: 13 },
    { token: '[ref#9]', slot: 9, start: 13, end: 20 },
    { token: '[res]', slot: null, start: 24, end: 29 },
  ])
})

test.each([
  ['[ref#0]', '[ref#1]'],
  ['[ref#10]', '[ref#9]'],
  ['[ref 1]', '[ref#1]'],
  ['[ref# 4]', '[ref#4]'],
  ['[ ref#4 ]', '[ref#4]'],
  ['[REF#2]', '[ref#2]'],
  ['[ref2]', '[ref#2]'],
  ['[ref_2]', '[ref#2]'],
  ['[reference 3]', '[ref#3]'],
  ['[ref]', '[ref#1]'],
  ['ref#5', '[ref#5]'],
  ['[ref#5', '[ref#5]'],
  ['ref#5]', '[ref#5]'],
  ['[RES]', '[res]'],
  ['[ res ]', '[res]'],
])('%s is no token; %s is suggested', (text, suggestion) => {
  const prompt = `a fox ${text} runs`
  expect(findPlaceholders(prompt)).toEqual([])
  expect(findMalformedPlaceholders(prompt)).toEqual([{ text, suggestion, start: 6, end: 6 + text.length }])
})

test.each(['a ref 1 in prose', 'href#1', '[a] (ref) {res}', 'prefer [result]', 'arr[1]'])(
  '%s is just text',
  (prompt) => {
    expect(findMalformedPlaceholders(prompt)).toEqual([])
  },
)

test('on any text: ranges are true, in order, and no good token is called malformed', () => {
  const piece = fc.constantFrom('[ref#1]', '[res]', '[ref#', '#1]', 'ref', '[', ']', ' ', '7', '猫', '😀', '[REF 2]')
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
      const prompt = pieces.join('')
      const good = findPlaceholders(prompt)
      const bad = findMalformedPlaceholders(prompt)
      for (const { token, start, end } of good) expect(prompt.slice(start, end)).toBe(token)
      for (const { text, start, end } of bad) expect(prompt.slice(start, end)).toBe(text)
      const starts = new Set(good.map(({ start }) => start))
      expect(bad.some(({ start }) => starts.has(start))).toBe(false)
    }),
    { seed: 3, numRuns: 300 },
  )
})
