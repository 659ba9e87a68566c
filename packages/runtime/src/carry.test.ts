import { afterEach, describe, expect, it } from 'vitest'
import { openRuntime, type Runtime } from './runtime.js'
import { float32, slow, source } from './testing/models.js'

let runtime: Runtime
afterEach(() => runtime.close())

const value = { type: 'float32', shape: [2] } as const

/** next = total + x and twice = next + next, of [2]. */
const counter = (name = 'counter') =>
  source(name, {
    inputs: ['total', 'x'].map((input) => ({ name: input, ...value })),
    outputs: ['next', 'twice'].map((output) => ({ name: output, ...value })),
    nodes: [
      { op: 'Add', inputs: ['total', 'x'], outputs: ['next'] },
      { op: 'Add', inputs: ['next', 'next'], outputs: ['twice'] },
    ],
  })

const carry = { next: 'total' }
const x = float32([2], 1, 10)
const zero = { total: float32([2], 0, 0) }
const lost = { code: 'runtime/state-lost', userFault: true, message: expect.stringContaining('total') }

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 20))
}

describe('carry', () => {
  it('keeps outputs in the child as inputs of the next run, and read fetches them', async () => {
    runtime = await openRuntime({ device: 'cpu' })
    const session = runtime.session(counter())
    await session.bind(zero)
    expect(await session.run({ x }, { carry })).toEqual({ twice: float32([2], 2, 20) })
    expect(await session.run({ x }, { carry })).toEqual({ twice: float32([2], 4, 40) })
    expect(await session.read(['total'])).toEqual({ total: float32([2], 2, 20) })
    // A run that carries nothing leaves the state alone.
    expect(await session.run({ x }, { outputs: ['next'] })).toEqual({ next: float32([2], 3, 30) })
    expect(await session.run({ x }, { carry, outputs: ['next'] })).toEqual({ next: float32([2], 3, 30) })
  })

  it('starts from a feed as well', async () => {
    runtime = await openRuntime({ device: 'cpu' })
    const session = runtime.session(counter())
    await session.run({ x, ...zero }, { carry })
    expect(await session.read(['total'])).toEqual({ total: x })
  })

  it('is seen by all sessions that share a state', async () => {
    runtime = await openRuntime({ device: 'cpu' })
    const state = runtime.state()
    const [one, two] = ['one', 'two'].map((name) => runtime.session(counter(name), { state }))
    await one!.bind(zero)
    await one!.run({ x }, { carry })
    expect(await two!.run({ x }, { carry })).toEqual({ twice: float32([2], 4, 40) })
    await one!.release()
    expect(await two!.read(['total'])).toEqual({ total: float32([2], 2, 20) })
    await state.release()
    await expect(two!.read(['total'])).rejects.toMatchObject({ code: 'runtime/feed-missing' })
    await two!.bind(zero)
    expect(await two!.run({ x })).toEqual({ next: x, twice: float32([2], 2, 20) })
  })

  it.each([
    [{ none: 'total' }, 'runtime/output-unknown'],
    [{ next: 'none' }, 'runtime/carry-mismatch'],
  ])('refuses %j', async (bad, code) => {
    runtime = await openRuntime({ device: 'cpu' })
    const run = runtime.session(counter()).run({ x, ...zero }, { carry: bad as Record<string, string> })
    await expect(run).rejects.toMatchObject({ code })
  })

  it('read refuses a name without a value', async () => {
    runtime = await openRuntime({ device: 'cpu' })
    await expect(runtime.session(counter()).read(['total'])).rejects.toMatchObject({ code: 'runtime/feed-missing' })
  })
})

describe('carried state is lost', () => {
  it('with a child that was killed: run and read say so until bind starts anew', async () => {
    runtime = await openRuntime({ device: 'cpu' })
    const session = runtime.session(counter())
    await session.bind(zero)
    await session.run({ x }, { carry })
    process.kill(runtime.status().childPid!, 'SIGKILL')
    await until(() => runtime.status().childPid === undefined)
    await expect(session.run({ x }, { carry })).rejects.toMatchObject(lost)
    await expect(session.run({ x })).rejects.toMatchObject(lost)
    await expect(session.read(['total'])).rejects.toMatchObject(lost)
    await session.bind({ total: x })
    expect(await session.run({ x })).toEqual({ next: float32([2], 2, 20), twice: float32([2], 4, 40) })
  })

  it('with a child that a cancel of another session killed', async () => {
    runtime = await openRuntime({ device: 'cpu', graceMs: 20 })
    const session = runtime.session(counter())
    await session.bind(zero)
    await session.run({ x }, { carry })
    const busy = runtime.session(slow('run'))
    await busy.load()
    const controller = new AbortController()
    const run = busy.run({ x: float32([1, 1], 0) }, { signal: controller.signal })
    setTimeout(() => controller.abort(), 300)
    await expect(run).rejects.toMatchObject({ code: 'runtime/cancelled' })
    await expect(session.run({ x })).rejects.toMatchObject(lost)
  })

  it('with a cancel that came too late to stop the run: nobody knows whether it took place', async () => {
    runtime = await openRuntime({ device: 'cpu', graceMs: 30_000 })
    const session = runtime.session(counter())
    await session.bind(zero)
    const controller = new AbortController()
    const run = session.run({ x }, { carry, signal: controller.signal })
    await new Promise(setImmediate) // the request is on its way
    controller.abort()
    await expect(run).rejects.toMatchObject({ code: 'runtime/cancelled' })
    await expect(session.run({ x })).rejects.toMatchObject(lost)
  })

  it('not with a run that never began', async () => {
    runtime = await openRuntime({ device: 'cpu' })
    const session = runtime.session(counter())
    await session.bind(zero)
    await session.run({ x }, { carry })
    await expect(session.run({ x }, { carry, signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'runtime/cancelled',
    })
    expect(await session.read(['total'])).toEqual({ total: x })
  })
})
