import { afterEach, describe, expect, it } from 'vitest'
import { openRuntime, type Runtime } from './runtime.js'
import { adder, float32, slow } from './testing/models.js'

const feeds = { x: float32([1, 2], 1, 2), b: float32([2], 10, 20) }
const sum = { y: float32([1, 2], 11, 22) }
const scalar = { x: float32([1, 1], 0) }

let runtime: Runtime
afterEach(() => runtime.close())

/** Aborts once the child is inside the native call, which blocks it for as long as the call takes. */
async function abortSoon(controller: AbortController): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 600))
  controller.abort(new Error('changed my mind'))
}

const cancelled = { code: 'runtime/cancelled', cause: expect.objectContaining({ message: 'changed my mind' }) }

describe('an abort', () => {
  it('in the middle of one long op rejects, ends the process, and the next run works', async () => {
    runtime = await openRuntime({ device: 'cpu', graceMs: 20 })
    const other = runtime.session(adder())
    await other.bind({ b: feeds.b })
    const session = runtime.session(slow('run'))
    await session.load()
    const pid = runtime.status().childPid
    const controller = new AbortController()
    const run = session.run(scalar, { signal: controller.signal })
    await Promise.all([abortSoon(controller), expect(run).rejects.toMatchObject(cancelled)])
    // What was bound in the killed process is bound again.
    expect(await other.run({ x: feeds.x })).toEqual(sum)
    expect(runtime.status().childPid).not.toBe(pid)
  })

  it('in the middle of loading does the same', async () => {
    runtime = await openRuntime({ device: 'cpu', graceMs: 20 })
    const session = runtime.session(slow('load'), { weights: 'packed' })
    const controller = new AbortController()
    const load = session.load({ signal: controller.signal })
    await Promise.all([abortSoon(controller), expect(load).rejects.toMatchObject(cancelled)])
    expect(await runtime.session(adder()).run(feeds)).toEqual(sum)
  })

  it('of a call that waits for its turn leaves the one before it alone', async () => {
    runtime = await openRuntime({ device: 'cpu', graceMs: 0 })
    const session = runtime.session(adder())
    const controller = new AbortController()
    const first = session.run(feeds)
    const second = session.run(feeds, { signal: controller.signal })
    controller.abort(new Error('changed my mind'))
    await expect(second).rejects.toMatchObject(cancelled)
    expect(await first).toEqual(sum)
    expect(await session.run(feeds)).toEqual(sum)
  })

  it('before the call starts nothing', async () => {
    runtime = await openRuntime({ device: 'cpu' })
    const signal = AbortSignal.abort(new Error('changed my mind'))
    await expect(runtime.session(adder()).run(feeds, { signal })).rejects.toMatchObject(cancelled)
    expect(runtime.status().childPid).toBeUndefined()
  })

  it('that the request outruns keeps the process and what it holds', async () => {
    runtime = await openRuntime({ device: 'cpu', graceMs: 30_000 })
    const session = runtime.session(adder())
    await session.load()
    const pid = runtime.status().childPid
    const controller = new AbortController()
    const run = session.run(feeds, { signal: controller.signal })
    await new Promise(setImmediate) // the request is on its way
    controller.abort(new Error('changed my mind'))
    await expect(run).rejects.toMatchObject(cancelled)
    expect(await session.run(feeds)).toEqual(sum)
    expect(runtime.status().childPid).toBe(pid)
  })

  it('after the end changes nothing', async () => {
    runtime = await openRuntime({ device: 'cpu', graceMs: 0 })
    const controller = new AbortController()
    const session = runtime.session(adder())
    await session.run(feeds, { signal: controller.signal })
    controller.abort()
    expect(await session.run(feeds)).toEqual(sum)
  })
})
