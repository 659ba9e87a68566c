import { memoryCache } from '@dreamgraph/graph'
import { expect, test } from 'vitest'
import { keptResults } from './kept-results.js'

test('settled waits for the results that are on their way, and for no later ones', async () => {
  const arrivals: (() => void)[] = []
  const slow = { ...memoryCache(), set: () => new Promise<void>((resolve) => arrivals.push(resolve)) }
  const { cache, settled } = keptResults(slow)
  const entry = { outputs: {}, sizeBytes: 0 }
  const order: string[] = []
  await settled()
  void cache.set('a', entry, { types: {}, costly: true })
  const first = settled().then(() => order.push('settled'))
  void cache.set('b', entry, { types: {}, costly: true })
  await Promise.resolve()
  order.push('a arrives')
  arrivals[0]!()
  await first
  expect(order).toEqual(['a arrives', 'settled'])
  arrivals[1]!()
  await settled()
})

test('no run waits until it is remembered; drained does', async () => {
  let arrive = (): void => {}
  const slow = { ...memoryCache(), remember: () => new Promise<void>((resolve) => (arrive = resolve)) }
  const { cache, settled, drained } = keptResults(slow)
  expect(cache.remember('flow', new Map())).toBeUndefined()
  await settled()
  let isDrained = false
  const draining = drained().then(() => (isDrained = true))
  await new Promise((resolve) => setImmediate(resolve))
  expect(isDrained).toBe(false)
  arrive()
  await draining
})
