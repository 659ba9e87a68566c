import { join } from 'node:path'
import { type CacheStore, type JsonValue, memoryCache } from '@dreamgraph/graph'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { withSharedResults } from './shared-results.js'
import { flow } from './testing/flow.js'
import { type Studio, studio } from './testing/studio.js'
import type { Workbench } from './workbench.js'

let place: Studio
beforeAll(async () => {
  place = await studio()
})
afterAll(() => place.remove())

function sharedStore() {
  const entries = new Map<string, { meta: JsonValue; blobs: Uint8Array[] }>()
  const asked: string[] = []
  const store: CacheStore = {
    async get(key) {
      asked.push(key)
      return entries.get(key)
    },
    async set(key, entry) {
      entries.set(key, structuredClone(entry))
    },
  }
  return { store, entries, asked }
}

/** `small` takes waiting, and no model. */
const resized = (changes = {}) =>
  flow({
    name: 'resized',
    nodes: {
      load: ['image/load', { file: 'a.png' }],
      small: ['image/resize', { width: 8, height: 8, ...changes }],
    },
    links: ['load.image > small.image'],
  })
const statusOf = async (bench: Workbench) => {
  const { nodes } = await bench.run(resized(), { targets: ['small'] })
  return nodes.get('small')
}

test('what one machine has computed, another takes from the store, and from its own disk from then on', async () => {
  const { store, entries, asked } = sharedStore()
  const one = await place.open({ home: join(place.folder, 'one'), store })
  expect(await statusOf(one)).toMatchObject({ status: 'ran' })
  expect(entries.size).toBeGreaterThan(0)

  const other = { home: join(place.folder, 'other'), store }
  expect(await statusOf(await place.open(other))).toMatchObject({ status: 'cached', tier: 'store' })
  asked.length = 0
  expect(await statusOf(await place.open(other))).toMatchObject({ status: 'cached', tier: 'store' })
  expect(asked).toEqual([])
})

test('what runs looked like is not shared: it has the words of whoever ran them', async () => {
  const { store, entries } = sharedStore()
  const one = await place.open({ home: join(place.folder, 'history-one'), store })
  await one.run(resized({ width: 77 }), { targets: ['small'] })
  expect(JSON.stringify([...entries.values()].map(({ meta }) => meta))).not.toContain('params')
  const other = await place.open({ home: join(place.folder, 'history-other'), store })
  expect(await statusOf(other)).toMatchObject({ status: 'ran', why: ['never ran before'] })
  const own = await one.run(resized({ width: 78 }), { targets: ['small'] })
  expect(own.nodes.get('small')!.why).toEqual(['param width changed 77 → 78'])
})

test('a store that fails costs a miss and a line in the log', async () => {
  const lines: string[] = []
  const store: CacheStore = {
    get: () => Promise.reject(new Error('store away')),
    set: () => Promise.reject(new Error('store full')),
  }
  const bench = await place.open({ cache: 'memory', store, onLog: (line) => lines.push(line) })
  expect(await statusOf(bench)).toMatchObject({ status: 'ran' })
  expect(await statusOf(bench)).toMatchObject({ status: 'cached', tier: 'memory' })
  expect(lines).toEqual(expect.arrayContaining(['Error: store away', 'Error: store full']))
})

test('what a damaged entry says is not believed', async () => {
  const { store } = sharedStore()
  const damaged: CacheStore = { ...store, get: async () => ({ meta: { format: 1 }, blobs: [] }) }
  const bench = await place.open({ cache: 'memory', store: damaged })
  expect(await statusOf(bench)).toMatchObject({ status: 'ran' })
})

test("with cache 'none', and in a run without cache, it is not touched", async () => {
  const { store, entries, asked } = sharedStore()
  await statusOf(await place.open({ cache: 'none', store }))
  await (await place.open({ cache: 'memory', store })).run(resized(), { targets: ['small'], cache: false })
  expect([entries.size, asked]).toEqual([0, []])
})

test('cheap results stay near', async () => {
  const { store, entries } = sharedStore()
  const cache = withSharedResults(memoryCache(), store, () => {})
  const entry = { outputs: {}, sizeBytes: 1 }
  await cache.set('cheap', entry, { types: {}, costly: false })
  expect(entries.size).toBe(0)
  await cache.set('costly', entry, { types: {}, costly: true })
  expect(entries.size).toBe(1)
  expect(cache.get('cheap')).toBe(entry)
})
