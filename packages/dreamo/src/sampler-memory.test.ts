import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { openComponent } from './component.js'
import { samplerMemory } from './sampler-memory.js'

const folder = fileURLToPath(new URL('../../../models/mini/transformer', import.meta.url))

test('what a step takes grows with its tokens in a straight line, and the weights stay what they are', async () => {
  const mini = await openComponent('transformer', folder)
  const of = (references: number) => samplerMemory(mini, { text: 64, picture: 64, references })
  const [none, some, twice] = [of(0), of(1024), of(2048)]
  expect(some.weightBytes).toBe(none.weightBytes)
  expect(none.weightBytes).toBeGreaterThan(1_000_000)
  expect(some.peakActivationBytes).toBeGreaterThan(5 * none.peakActivationBytes)
  const slope = (a: typeof some, b: typeof some): number => b.peakActivationBytes - a.peakActivationBytes
  expect(slope(some, twice) / slope(none, some)).toBeCloseTo(1, 1)
})
