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
