import { expect, test } from 'vitest'
import { intervalOf, none, shareOf, sumOf, tallyOf } from './tally.js'

test('tallies add up before they become a share', () => {
  const tallies = [tallyOf([1, 2, 3, 4], (n) => n > 1), tallyOf([1], (n) => n > 1), none]
  expect(sumOf(tallies)).toEqual({ hits: 3, of: 5 })
  expect(shareOf(sumOf(tallies))).toBe(0.6)
  expect(shareOf(none)).toBeUndefined()
})

test('the interval is that of Wilson', () => {
  const [low, high] = intervalOf({ hits: 81, of: 263 })!
  expect([low, high]).toEqual([expect.closeTo(0.2553, 4), expect.closeTo(0.3662, 4)])
  expect(intervalOf({ hits: 10, of: 10 })).toEqual([expect.closeTo(0.7225, 4), 1])
  expect(intervalOf(none)).toBeUndefined()
})
