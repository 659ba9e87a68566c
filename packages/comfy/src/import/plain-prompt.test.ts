import { expect, it } from 'vitest'
import { plainPrompt } from './plain-prompt.js'

it('takes emphasis out and leaves what was meant as parentheses', () => {
  expect(plainPrompt('a (red:1.3) fox \\(vulpes\\) in ((deep)) snow')).toEqual({
    text: 'a red fox (vulpes) in deep snow',
    lost: ['emphasis'],
  })
  expect(plainPrompt('(a (b:1.1) c : -0.5 ) (d')).toEqual({ text: 'a b c  (d', lost: ['emphasis'] })
  expect(plainPrompt('a cat [ref#1], 3:2, no more)')).toEqual({ text: 'a cat [ref#1], 3:2, no more)', lost: [] })
  expect(plainPrompt('embedding:bad-hands-5, blurry')).toEqual({ text: 'bad-hands-5, blurry', lost: ['embeddings'] })
})

it('takes time in proportion to the text', () => {
  const deep = 50_000
  expect(plainPrompt(`${'('.repeat(deep)}a${')'.repeat(deep)}`).text).toBe('a')
})
