import { Sessions } from '@dreamgraph/dreamo'
import { input, mul, reshape, sum, type Tensor } from '@dreamgraph/onnx'
import { openRuntime, type TensorData } from '@dreamgraph/runtime'
import { afterAll, describe, expect, it } from 'vitest'
import { accumulate, accumulateFeeds, gatheredGradients, gradientOf } from './accumulate.js'
import { adamWFeeds } from './adamw.js'
import { emaInput, emaOf } from './ema.js'
import { meanOf, squareOf, update } from './update.js'

const runtime = await openRuntime({ device: 'cpu', threads: 1 })
afterAll(() => runtime.close())

const floats = (...values: number[]): TensorData => ({
  dtype: 'float32',
  shape: [values.length],
  data: Float32Array.from(values),
})
const scalar = (value: number): TensorData => ({ dtype: 'float32', shape: [], data: Float32Array.of(value) })
const total = (x: Tensor): Tensor => reshape(sum(x, { axes: [0] }), { shape: [] })

const p = input('p', [2])
const trainables = new Map([['p', p]])
const optimizer = { betas: [0.9, 0.99], epsilon: 1e-8, weightDecay: 0 } as const

describe('gathering', () => {
  it('takes the mean over micro-batches, forgets the last step, and is shared by graphs', async () => {
    const state = runtime.state()
    const sessions = new Sessions(runtime)
    // Gradients 2·p·x and x.
    const losses = [total(mul(mul(p, p), input('x', [2]))), total(mul(p, input('x', [2])))]
    const graphs = await Promise.all(
      losses.map(async (loss, i) => {
        const { outputs, carried } = accumulate(loss, trainables)
        return { carry: carried, session: await sessions.of(`loss ${i}`, outputs, { state }) }
      }),
    )
    await graphs[0].session.bind({ p: floats(3, 5), [gradientOf('p')]: floats(99, 99) })
    for (const [i, { session, carry }] of graphs.entries()) {
      await session.run({ x: floats(1, 2), ...accumulateFeeds(i, 2) }, { carry })
    }
    const gathered = await graphs[0].session.read([gradientOf('p')])
    expect(gathered[gradientOf('p')].data).toEqual(Float32Array.of((6 + 1) / 2, (20 + 2) / 2))
  })
})

describe('an update', () => {
  const run = async (clipNorm: number | undefined) => {
    const { outputs } = update({
      trainables,
      gradients: gatheredGradients(trainables),
      optimizer,
      withEma: true,
      ...(clipNorm && { clipNorm }),
    })
    const session = await new Sessions(runtime).of('update', outputs)
    return session.run({
      p: floats(1, 1),
      [gradientOf('p')]: floats(3, 4),
      [meanOf('p')]: floats(0, 0),
      [squareOf('p')]: floats(0, 0),
      [emaOf('p')]: floats(0, 0),
      [emaInput]: scalar(0.25),
      ...adamWFeeds(optimizer, 1, 0.1),
    })
  }

  it('moves by the learning rate at first, whatever the gradient, and the running mean follows', async () => {
    const results = await run(undefined)
    expect(results.gradientNorm.data[0]).toBe(5)
    for (const value of results['next/p'].data) expect(value).toBeCloseTo(0.9, 6)
    for (const value of results[`next/${emaOf('p')}`].data) expect(value).toBeCloseTo(0.225, 6)
    expect(results[`next/${meanOf('p')}`].data[0]).toBeCloseTo(0.3, 6)
  })

  it('shortens gradients to the norm that clips, and reports their own', async () => {
    const results = await run(2.5)
    expect(results.gradientNorm.data[0]).toBe(5)
    expect(results[`next/${meanOf('p')}`].data[0]).toBeCloseTo(0.15, 6)
  })
})
