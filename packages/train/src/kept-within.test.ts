import { expect, it } from 'vitest'
import { keptWithin } from './kept-within.js'

it('makes a value once while there is room, and each time when there is none', async () => {
  const made: string[] = []
  const make = async (key: string): Promise<string> => {
    made.push(key)
    return key.toUpperCase()
  }
  const get = keptWithin(4, make, ({ length }) => length)
  for (const key of ['abc', 'de', 'f', 'abc', 'de', 'f']) expect(await get(key)).toBe(key.toUpperCase())
  expect(made).toEqual(['abc', 'de', 'f', 'de'])
})
