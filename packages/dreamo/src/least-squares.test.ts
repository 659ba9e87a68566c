import { expect, test } from 'vitest'
import { leastSquares } from './least-squares.js'

test('a linear law is found, for each output', () => {
  const x = Array.from({ length: 40 }, (_, i) => [1, Math.sin(i), (i % 7) - 3])
  const y = x.map(([one, a, b]) => [3 * one - 2 * a + b, a / 2])
  const w = leastSquares({ x, y }, { ridge: 1e-12 })
  for (const [i, want] of [3, -2, 1].entries()) expect(w[i][0]).toBeCloseTo(want, 8)
  for (const [i, want] of [0, 0.5, 0].entries()) expect(w[i][1]).toBeCloseTo(want, 8)
})

test('an input that never varies, or repeats another, still gives a solution', () => {
  const x = Array.from({ length: 20 }, (_, i) => [i, i, 0])
  const w = leastSquares({ x, y: x.map(([a]) => [4 * a]) }, { ridge: 1e-9 })
  expect(w[0][0] + w[1][0]).toBeCloseTo(4, 6)
  expect(w[2][0]).toBe(0)
})
