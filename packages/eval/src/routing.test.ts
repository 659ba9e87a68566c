import { expect, test } from 'vitest'
import { overlap } from './routing.js'

test('a map counts from halfway between its extremes on, a mask from half a token on', () => {
  const mask = Float32Array.of(1, 0.5, 0.49, 0)
  expect(overlap(Float32Array.of(9, 5, -1, -1), mask)).toBe(1)
  expect(overlap(Float32Array.of(9, 3.9, -1, -1), mask)).toBe(0.5)
  expect(overlap(Float32Array.of(0, 0, 1, 1), mask)).toBe(0)
  expect(overlap(Float32Array.of(7, 7, 7, 7), mask)).toBe(0.5) // responds everywhere
})
