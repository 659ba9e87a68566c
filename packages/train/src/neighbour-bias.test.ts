import { relativeBucket } from '@dreamgraph/dreamo'
import { expect, test } from 'vitest'
import { neighbourBias } from './neighbour-bias.js'

const config = { numBuckets: 32, maxDistance: 128, numHeads: 4 }
const length = 56

/** What a head pays to each distance from a token in the middle of a caption, before any content is looked at. */
function attention(head: number): Map<number, number> {
  const bias = neighbourBias(config)
  const distances = Array.from({ length }, (_, key) => key - length / 2)
  const weights = distances.map((d) => Math.exp(bias[relativeBucket(d, config) * config.numHeads + head]))
  const sum = weights.reduce((a, b) => a + b)
  return new Map(distances.map((d, i) => [d, weights[i] / sum]))
}

const within = (head: number, from: number, to: number): number =>
  [...attention(head)].reduce((sum, [d, weight]) => sum + (d >= from && d <= to ? weight : 0), 0)

test('heads look at neighbours, ahead and behind by turns, near and further', () => {
  expect(within(0, 1, 3)).toBeGreaterThan(0.7)
  expect(within(1, -3, -1)).toBeGreaterThan(0.7)
  expect(within(2, 3, 11)).toBeGreaterThan(0.85)
  expect(within(3, -11, -3)).toBeGreaterThan(0.85)
})

test('a table of any size is filled', () => {
  for (const numHeads of [1, 2, 12, 64]) {
    const bias = neighbourBias({ numBuckets: 32, numHeads })
    expect(bias).toHaveLength(32 * numHeads)
    expect(new Set(bias)).toEqual(new Set([0, 4]))
  }
})
