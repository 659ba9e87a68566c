import { expect, test } from 'vitest'
import { lintPrompt, STYLE_PREFIX, withStylePrefix } from './prompt-lint.js'

const fox = { slot: 1, task: 'ip' } as const
const face = { slot: 2, task: 'id' } as const
const style = { slot: 3, task: 'style' } as const

test.each([
  ['plain words with one reference', 'a fox in the forest', [fox]],
  ['every reference named', 'a fox [ref#1] and a woman [ref#2]', [fox, face]],
  ['a style reference needs no name', `${STYLE_PREFIX} a fox`, [style]],
  ['[res] needs no reference', '[res] a fox', []],
])('nothing to say: %s', (_, prompt, references) => {
  expect(lintPrompt(prompt, references)).toEqual([])
})

test('a placeholder without its reference', () => {
  expect(lintPrompt('a fox [ref#4]', [fox])).toEqual([
    {
      kind: 'placeholder-without-reference',
      severity: 'warning',
      message: 'prompt: expected a reference in slot 4 for [ref#4], got none',
      range: { start: 6, end: 13 },
    },
  ])
})

test('findings come in order of appearance, hints last', () => {
  const kinds = lintPrompt('[ref#5] and [ref 1]', [fox, face, style]).map(({ kind }) => kind)
  expect(kinds).toEqual([
    'style-prefix-missing',
    'placeholder-without-reference',
    'placeholder-malformed',
    'reference-unnamed',
    'reference-unnamed',
  ])
})

test('a malformed placeholder carries its replacement', () => {
  const prompt = 'a fox [ref 1]'
  const [finding] = lintPrompt(prompt, [fox])
  const { start, end } = finding!.range!
  expect(prompt.slice(0, start) + finding!.suggestion + prompt.slice(end)).toBe('a fox [ref#1]')
})

test('the style prefix is added once, and only for style references', () => {
  const once = withStylePrefix('  a rooster', [style])
  expect(once).toBe('generate a same style image. a rooster')
  expect(withStylePrefix(once, [style])).toBe(once)
  expect(withStylePrefix('a rooster', [fox])).toBe('a rooster')
  expect(lintPrompt(once, [style])).toEqual([])
})
