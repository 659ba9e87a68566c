import { afterEach, describe, expect, it } from 'vitest'
import { openRuntime, type Runtime } from './runtime.js'
import { adder, float32 } from './testing/models.js'

const mib = 2 ** 20
const feeds = { x: float32([1, 2], 1, 2), b: float32([2], 10, 20) }

let runtime: Runtime
afterEach(() => runtime.close())

function packed(name: string, weightMib: number, activationMib = 0) {
  const sizes = { name, weightBytes: weightMib * mib, peakActivationBytes: activationMib * mib }
  return runtime.session({ ...adder(sizes) }, { weights: 'packed' })
}

const names = () => runtime.status().sessions.map(({ name }) => name)

describe('sessions under a memory limit', () => {
  it('leave in order of their last use', async () => {
    runtime = await openRuntime({ device: 'cpu', memoryLimitBytes: 100 * mib })
    const sessions = ['a', 'b'].map((name) => packed(name, 40))
    for (const session of sessions) await session.run(feeds)
    await sessions[0]!.run(feeds)
    expect(names()).toEqual(['b', 'a'])
    await packed('c', 40).run(feeds)
    expect(names()).toEqual(['a', 'c'])
  })

  it('come back by themselves, with what was bound', async () => {
    runtime = await openRuntime({ device: 'cpu', memoryLimitBytes: 100 * mib })
    const [first, second] = [packed('first', 60), packed('second', 60)]
    await first.bind({ b: feeds.b })
    await second.load()
    expect(names()).toEqual(['second'])
    expect((await first.run({ x: feeds.x })).y!.data[0]).toBe(11)
    expect(names()).toEqual(['first'])
  })

  it('make room for a run too: twice the estimate of its activations, for as long as it takes', async () => {
    runtime = await openRuntime({ device: 'cpu', memoryLimitBytes: 100 * mib })
    const wide = packed('wide', 10, 30)
    await wide.run(feeds)
    await packed('fits beside it', 30).load()
    await packed('fits between runs', 30).load()
    expect(names()).toEqual(['wide', 'fits beside it', 'fits between runs'])
    expect(runtime.status().plannedBytes).toBe(70 * mib)
    await wide.run(feeds)
    expect(names()).toEqual(['fits between runs', 'wide'])
    expect(runtime.status().plannedBytes).toBe(100 * mib)
  })

  it('that keep the memory of their runs count with it, once, and give it back when they leave', async () => {
    runtime = await openRuntime({ device: 'cpu', memoryLimitBytes: 100 * mib })
    const keeping = (name: string, activationMib: number) =>
      runtime.session(adder({ name, weightBytes: 0, peakActivationBytes: activationMib * mib }), { keepMemory: true })
    const keeper = keeping('keeper', 12)
    await keeper.run(feeds)
    await packed('fits beside it', 60).load()
    await keeper.run(feeds) // what it needs it has
    expect(names()).toEqual(['fits beside it', 'keeper'])
    await packed('does not', 30).load()
    expect(names()).toEqual(['keeper', 'does not'])
    // All together may keep a quarter: the others leave, the one in use stays.
    await keeping('second', 2).run(feeds)
    expect(names()).toEqual(['does not', 'second'])
  })

  it('are refused when alone they are too large: need and room are named', async () => {
    runtime = await openRuntime({ device: 'cpu', memoryLimitBytes: 1024 * mib })
    const load = packed('huge', 1024, 256).load()
    await expect(load).rejects.toMatchObject({
      code: 'runtime/not-enough-memory',
      message: 'huge, load: expected 1.50 GiB of free memory, got 1.00 GiB',
    })
  })

  it('count a quarter of mapped weights', async () => {
    runtime = await openRuntime({ device: 'cpu', memoryLimitBytes: 100 * mib })
    const mapped = (name: string, weightMib: number) => runtime.session(adder({ name, weightBytes: weightMib * mib }))
    await mapped('fits', 400).load()
    await expect(mapped('too large', 404).load()).rejects.toMatchObject({ code: 'runtime/not-enough-memory' })
  })

  it('leave with their mapped weights when those of all would fill more than three quarters', async () => {
    runtime = await openRuntime({ device: 'cpu', memoryLimitBytes: 100 * mib })
    const mapped = (name: string, weightMib: number) =>
      runtime.session(adder({ name, weightBytes: weightMib * mib }), { weights: 'mapped' })
    for (const [name, size] of [
      ['text', 40],
      ['picture', 5],
      ['small', 20],
    ] as const)
      await mapped(name, size).load()
    await packed('packed', 10).load()
    expect(names()).toEqual(['text', 'picture', 'small', 'packed'])
    await mapped('transformer', 50).load()
    expect(names()).toEqual(['picture', 'small', 'packed', 'transformer'])
    await mapped('larger than all', 90).load()
    expect(names()).toEqual(['packed', 'larger than all'])
  })

  it('share the pages of files that they have in common', async () => {
    runtime = await openRuntime({ device: 'cpu', memoryLimitBytes: 100 * mib })
    const mapped = (name: string) => {
      const sizes = { name, weightBytes: 60 * mib, weightFiles: new Map([['transformer', 60 * mib]]) }
      return runtime.session(adder(sizes), { weights: 'mapped' })
    }
    for (const name of ['positive', 'negative']) await mapped(name).load()
    expect(names()).toEqual(['positive', 'negative'])
  })

  it('are refused where the system itself has not enough', async () => {
    runtime = await openRuntime({ device: 'cpu' })
    const load = packed('a petabyte', 2 ** 30).load()
    await expect(load).rejects.toMatchObject({ code: 'runtime/not-enough-memory' })
  })
})
