import { expect, test } from 'vitest'
import { recent } from './recent.js'

test('the entry that was not asked for longest goes first', () => {
  const map = recent<number>(2)
  map.set('a', 1)
  map.set('b', 2)
  expect(map.get('a')).toBe(1)
  expect(map.set('c', 3)).toBe(3)
  expect(['a', 'b', 'c'].map(map.get)).toEqual([1, undefined, 3])
  map.set('a', 4)
  expect(map.get('a')).toBe(4)
})
