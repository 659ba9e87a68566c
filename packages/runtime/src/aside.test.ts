import { afterEach, expect, it } from 'vitest'
import { openRuntime, type Runtime } from './runtime.js'
import { adder, float32, slow } from './testing/models.js'

const feeds = { x: float32([1, 2], 1, 2), b: float32([2], 10, 20) }
const sum = { y: float32([1, 2], 11, 22) }

let runtime: Runtime
afterEach(() => runtime.close())

it('what runs aside runs while the runtime is busy, in a process with half of the threads', async () => {
  runtime = await openRuntime({ device: 'cpu', threads: 4, graceMs: 0 })
  const aside = runtime.aside()!
  expect(aside.threads).toBe(2)
  expect(runtime.aside()).toBe(aside)
  const busy = runtime.session(slow('run'))
  const stop = new AbortController()
  let isBusy = true
  const run = busy.run({ x: float32([1, 1], 0) }, { signal: stop.signal }).finally(() => {
    isBusy = false
  })
  const session = aside.session(adder())
  expect(await session.run(feeds)).toEqual(sum)
  expect(isBusy).toBe(true)
  stop.abort()
  await expect(run).rejects.toMatchObject({ code: 'runtime/cancelled' })
  expect(await session.run(feeds)).toEqual(sum)
  expect(runtime.status().childPid).not.toBe(aside.status().childPid)
})

it('is part of what the runtime says of itself, and ends with it', async () => {
  runtime = await openRuntime({ device: 'cpu', threads: 2 })
  await runtime.session(adder({ name: 'here' })).run(feeds)
  const alone = runtime.status()
  const session = runtime.aside()!.session(adder({ name: 'aside', peakActivationBytes: 1000 }))
  await session.run(feeds)
  const both = runtime.status()
  expect(both.sessions.map(({ name }) => name)).toEqual(['here', 'aside'])
  expect(both.rssBytes).toBeGreaterThan(1.5 * alone.rssBytes)
  expect(both.plannedBytes).toBe(alone.plannedBytes + 2000)
  await runtime.close()
  await expect(session.run(feeds)).rejects.toMatchObject({ code: 'runtime/closed' })
  await expect(runtime.aside()!.session(adder()).run(feeds)).rejects.toMatchObject({ code: 'runtime/closed' })
})

it('is not there with one thread; a session may have fewer threads than its runtime', async () => {
  runtime = await openRuntime({ device: 'cpu', threads: 1 })
  expect(runtime.aside()).toBeUndefined()
  await runtime.close()
  runtime = await openRuntime({ device: 'cpu', threads: 2 })
  expect(await runtime.session(adder(), { threads: 1 }).run(feeds)).toEqual(sum)
})
