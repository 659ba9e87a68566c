import { expect, test } from 'vitest'
import { createRng, hashText } from './rng.js'

test('the stream of a seed is pinned: samples of old seeds stay what they were', () => {
  const rng = createRng('dream')
  expect([rng.int(1000), rng.int(1000), rng.int(1000)]).toMatchInlineSnapshot(`
    [
      302,
      266,
      238,
    ]
  `)
  expect(hashText('dream')).toMatchInlineSnapshot(`1400647851`)
})

test('a fork depends on seed and label, not on what was drawn before', () => {
  const [one, other] = [createRng('a'), createRng('a')]
  other.next()
  expect(one.fork('x').next()).toBe(other.fork('x').next())
  expect(one.fork('x').next()).not.toBe(one.fork('y').next())
})

test('draws are uniform and near seeds are unlike', () => {
  const counts = new Array<number>(10).fill(0)
  for (let seed = 0; seed < 5000; seed++) counts[createRng(String(seed)).int(10)]!++
  for (const count of counts) expect(Math.abs(count - 500)).toBeLessThan(90) // four standard deviations
})
