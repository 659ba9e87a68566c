import { expect, test } from 'vitest'
import { halfWidth, none, shareOf, sumOf, tallyOf } from './tally.js'

test('tallies add up before they become a share', () => {
  const tallies = [tallyOf([1, 2, 3, 4], (n) => n > 1), tallyOf([1], (n) => n > 1), none]
  expect(sumOf(tallies)).toEqual({ hits: 3, of: 5 })
  expect(shareOf(sumOf(tallies))).toBe(0.6)
  expect(shareOf(none)).toBeUndefined()
})

test('the interval is that of Wilson', () => {
  // 81 of 263: (0.2553, 0.3662) in E. B. Wilson's form, with z = 1.96.
  expect(halfWidth({ hits: 81, of: 263 })! * 2).toBeCloseTo(0.3662 - 0.2553, 3)
  expect(halfWidth({ hits: 10, of: 10 })).toBeGreaterThan(0.1)
})
