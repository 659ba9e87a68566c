import { describe, expect, it } from 'vitest'
import { findInPrompt, markPrompt, stylePrefix } from './prompt-marks.js'

const reference = (slot: number, task = 'ip') => ({ node: `reference-${slot}`, slot, task })

describe('marks of a prompt', () => {
  it('tells bound, repeated, missing and malformed placeholders apart', () => {
    const prompt = 'a cat [ref#1] and [ref#1] with [ref#3] and [Ref 2], [res]'
    const marks = markPrompt(prompt, [reference(1), reference(2)])
    expect(marks.map(({ kind, start, end }) => [kind, prompt.slice(start, end)])).toEqual([
      ['bound', '[ref#1]'],
      ['repeated', '[ref#1]'],
      ['missing', '[ref#3]'],
      ['malformed', '[Ref 2]'],
      ['result', '[res]'],
    ])
  })

  it('offers a fix for what is nearly right', () => {
    const [finding] = findInPrompt('a cat [ref 1]', [reference(1)])
    expect(finding?.fix).toEqual({ text: '[ref#1]', start: 6, end: 13 })
  })

  it('names references that the prompt does not, once there are two', () => {
    expect(findInPrompt('a cat', [reference(1)])).toEqual([])
    expect(findInPrompt('a cat [ref#1]', [reference(1), reference(2)]).map(({ message }) => message)).toEqual([
      'Reference 2 is not named: put [ref#2] behind its words.',
    ])
  })

  it('wants the prefix of a style reference, and no slot twice', () => {
    expect(findInPrompt('a cat', [reference(1, 'style')])[0]?.fix?.text).toBe(`${stylePrefix} `)
    expect(findInPrompt('x', [reference(1), reference(1)])[0]?.message).toBe('Two references are in slot 1.')
  })

  it('leaves a negative prompt alone', () => {
    expect(findInPrompt('blurry', [reference(1), reference(2)], true)).toEqual([])
  })
})
