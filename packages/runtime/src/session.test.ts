import { afterAll, describe, expect, it } from 'vitest'
import { openRuntime } from './runtime.js'
import type { DType, TensorArray } from './tensor.js'
import { adder, float32, slow, source } from './testing/models.js'

const runtime = await openRuntime({ device: 'cpu' })
afterAll(() => runtime.close())

const feeds = { x: float32([2, 2], 1, 2, 3, 4), b: float32([2], 10, 20) }

describe('run', () => {
  it('computes in the child and brings the outputs back', async () => {
    const results = await runtime.session(adder()).run(feeds)
    expect(results).toEqual({ y: float32([2, 2], 11, 22, 13, 24) })
    expect(runtime.status().childPid).not.toBe(process.pid)
  })

  it('gives the same bytes when it keeps memory between runs', async () => {
    const [giving, keeping] = [false, true].map((keepMemory) => runtime.session(adder(), { keepMemory }))
    for (let i = 0; i < 3; i++) {
      const x = float32([2, 2], i, 0.1 * i, -i, 1e-7 * i)
      expect(await keeping!.run({ ...feeds, x })).toEqual(await giving!.run({ ...feeds, x }))
    }
  })

  it('gives back what it holds when it is unloaded, and runs again all the same', async () => {
    const session = runtime.session(adder())
    const loaded = (): number => runtime.status().sessions.length
    const before = loaded()
    const first = await session.run(feeds)
    expect(loaded()).toBe(before + 1)
    await session.unload()
    expect(loaded()).toBe(before)
    await session.unload() // nothing to give back
    expect(await session.run(feeds)).toEqual(first)
  })

  it('computes only the requested outputs', async () => {
    const session = runtime.session(
      source('two outputs', {
        inputs: [{ name: 'x', type: 'float32', shape: [1] }],
        outputs: ['plus', 'minus'].map((name) => ({ name, type: 'float32', shape: [1] })),
        nodes: [
          { op: 'Identity', inputs: ['x'], outputs: ['plus'] },
          { op: 'Neg', inputs: ['x'], outputs: ['minus'] },
        ],
      }),
    )
    expect(await session.run({ x: float32([1], 7) }, { outputs: ['minus'] })).toEqual({ minus: float32([1], -7) })
    expect(Object.keys(await session.run({ x: float32([1], 7) }))).toEqual(['plus', 'minus'])
  })

  it.each<[DType, TensorArray]>([
    ['float32', Float32Array.of(1.5, -0)],
    ['float16', Uint16Array.of(0x3c00, 0xfc00)],
    ['int64', BigInt64Array.of(2n ** 62n, -1n)],
    ['int32', Int32Array.of(2 ** 30, -1)],
    ['uint8', Uint8Array.of(0, 255)],
    ['int8', Int8Array.of(-128, 127)],
    ['bool', Uint8Array.of(0, 1)],
  ])('carries %s bit by bit', async (dtype, data) => {
    const value = { type: dtype, shape: [2] }
    const session = runtime.session(
      source(dtype, {
        inputs: [{ name: 'x', ...value }],
        outputs: [{ name: 'y', ...value }],
        nodes: [{ op: 'Identity', inputs: ['x'], outputs: ['y'] }],
      }),
    )
    expect(await session.run({ x: { dtype, shape: [2], data } })).toEqual({ y: { dtype, shape: [2], data } })
  })

  it('accepts a view into a larger array and a scalar', async () => {
    const view = new Float32Array([0, 0, 1, 2, 3, 4]).subarray(2)
    const { y } = await runtime.session(adder()).run({ ...feeds, x: { dtype: 'float32', shape: [2, 2], data: view } })
    expect(y).toEqual(float32([2, 2], 11, 22, 13, 24))
  })

  it('keeps the order of calls that overlap', async () => {
    const session = runtime.session(adder())
    const runs = [1, 2, 3].map((value) => session.run({ ...feeds, x: float32([1, 2], value, value) }))
    const results = await Promise.all(runs)
    expect(results.map(({ y }) => y!.data[0])).toEqual([11, 12, 13])
  })
})

describe('feeds are checked before they cross', () => {
  it.each([
    ['runtime/feed-missing', { x: feeds.x }, /adder: expected a feed for each input, got none for b \(float32 \[2\]\)/],
    ['runtime/feed-unknown', { ...feeds, z: feeds.x }, /feed "z": expected one of the inputs x, b/],
    [
      'runtime/feed-dtype',
      { ...feeds, b: { ...feeds.b, dtype: 'int32' } },
      /feed "b": expected dtype float32, got int32/,
    ],
    [
      'runtime/feed-dtype',
      { ...feeds, b: { ...feeds.b, data: new Uint8Array(2) } },
      /in a Float32Array, got Uint8Array/,
    ],
    ['runtime/feed-shape', { ...feeds, b: float32([3], 1, 2, 3) }, /feed "b": expected shape \[2\], got \[3\]/],
    ['runtime/feed-shape', { ...feeds, x: float32([2], 1, 2) }, /feed "x": expected shape \[n,2\], got \[2\]/],
    ['runtime/feed-shape', { ...feeds, b: float32([2], 1) }, /expected 2 elements for shape \[2\], got 1/],
    ['runtime/feed-shape', { ...feeds, x: float32([-1, -2], 1, 2) }, /whole and not negative, got \[-1,-2\]/],
  ])('%s', async (code, bad, message) => {
    const call = runtime.session(adder()).run(bad as typeof feeds)
    await expect(call).rejects.toMatchObject({ code, userFault: true, message: expect.stringMatching(message) })
  })

  it('runtime/feed-shape where two feeds disagree on a named size', async () => {
    const value = { type: 'float32', shape: ['n'] } as const
    const session = runtime.session(
      source('sum', {
        inputs: ['p', 'q'].map((name) => ({ name, ...value })),
        outputs: [{ name: 'y', ...value }],
        nodes: [{ op: 'Add', inputs: ['p', 'q'], outputs: ['y'] }],
      }),
    )
    const call = session.run({ p: float32([2], 1, 2), q: float32([1], 1) })
    await expect(call).rejects.toMatchObject({
      code: 'runtime/feed-shape',
      message: expect.stringContaining('expected "n" = 2 as in feed "p"'),
    })
  })

  it('runtime/output-unknown', async () => {
    const call = runtime.session(adder()).run(feeds, { outputs: ['z'] })
    await expect(call).rejects.toMatchObject({ code: 'runtime/output-unknown' })
  })
})

describe('bind', () => {
  it('keeps inputs for later runs; a feed takes precedence for one run', async () => {
    const session = runtime.session(adder())
    await session.bind({ b: feeds.b })
    expect((await session.run({ x: feeds.x })).y!.data[0]).toBe(11)
    expect((await session.run({ x: feeds.x, b: float32([2], 0, 0) })).y!.data[0]).toBe(1)
    expect((await session.run({ x: feeds.x })).y!.data[0]).toBe(11)
  })

  it('refuses what does not fit and keeps what was bound', async () => {
    const session = runtime.session(adder())
    await session.bind({ b: feeds.b })
    await expect(session.bind({ b: float32([1], 1) })).rejects.toMatchObject({ code: 'runtime/feed-shape' })
    expect((await session.run({ x: feeds.x })).y!.data[0]).toBe(11)
  })
})

describe('the same bytes', () => {
  it('come from every run and every process', async () => {
    const side = 96
    const model = source('attention-like', {
      inputs: [{ name: 'x', type: 'float32', shape: [side, side] }],
      outputs: [{ name: 'y', type: 'float32', shape: [side, side] }],
      nodes: [
        { op: 'MatMul', inputs: ['x', 'x'], outputs: ['scores'] },
        { op: 'Softmax', inputs: ['scores'], outputs: ['weights'] },
        { op: 'MatMul', inputs: ['weights', 'x'], outputs: ['y'] },
      ],
    })
    const x = float32([side, side], ...Array.from({ length: side * side }, (_, i) => Math.sin(i)))
    const other = await openRuntime({ device: 'cpu' })
    const session = runtime.session(model)
    const results = [await session.run({ x }), await session.run({ x }), await other.session(model).run({ x })]
    await other.close()
    const [first, ...rest] = results.map(({ y }) => Buffer.from(y!.data.buffer, y!.data.byteOffset, y!.data.byteLength))
    for (const bytes of rest) expect(bytes.equals(first!)).toBe(true)
  })
})

describe('start', () => {
  it('starts the child that the first run then uses', async () => {
    const fresh = await openRuntime({ device: 'cpu' })
    expect(fresh.status().childPid).toBeUndefined()
    fresh.start()
    const pid = fresh.status().childPid
    expect(pid).toBeGreaterThan(0)
    await fresh.session(adder()).run(feeds)
    expect(fresh.status().childPid).toBe(pid)
    await fresh.close()
  })
})

describe('release and close', () => {
  it('frees the model and refuses further calls', async () => {
    const session = runtime.session(adder())
    await session.load()
    const before = runtime.status().sessions.length
    await session.release()
    await session.release()
    expect(runtime.status().sessions.length).toBe(before - 1)
    await expect(session.run(feeds)).rejects.toMatchObject({ code: 'runtime/closed' })
  })

  it('refuses calls after the runtime was closed', async () => {
    const closing = await openRuntime({ device: 'cpu' })
    const session = closing.session(adder())
    await session.load()
    await closing.close()
    expect(closing.status().childPid).toBeUndefined()
    await expect(session.run(feeds)).rejects.toMatchObject({ code: 'runtime/closed' })
  })

  it('leaves no call hanging that is under way or waiting', async () => {
    const closing = await openRuntime({ device: 'cpu' })
    const [running, waiting] = [closing.session(slow('run')), closing.session(adder())]
    await running.load()
    const calls = [running.run({ x: float32([1, 1], 0) }), waiting.run(feeds)]
    const results = Promise.all(calls.map((call) => expect(call).rejects.toMatchObject({ code: 'runtime/closed' })))
    await closing.close()
    await results
  })

  it.each([{ threads: 0 }, { threads: 1.5 }, { graceMs: -1 }, { memoryLimitBytes: 0 }, { device: 'tpu' as 'cpu' }])(
    'refuses the option %o',
    async (options) => {
      await expect(openRuntime(options)).rejects.toMatchObject({ code: 'runtime/option-invalid' })
    },
  )
})
