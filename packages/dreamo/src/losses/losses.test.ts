// The losses against hand-made cases; their values and gradients at large are held by the golden case `training`.
import { constant, graph, input, type Tensor } from '@dreamgraph/onnx'
import { openRuntime, type Runtime, type TensorData } from '@dreamgraph/runtime'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { gaussianNoise } from '../noise.js'
import { layoutTokens } from '../references.js'
import { Sessions } from '../sessions.js'
import { headsProbe, sequenceSpans } from './attention-heads.js'
import { namingLoss, readingLoss, readingShares } from './binding.js'
import { flowLoss, noised } from './flow.js'
import { placeholderLoss } from './placeholder.js'
import { responseMap, responseMaps, routingLoss } from './routing.js'

let runtime: Runtime
beforeAll(async () => {
  runtime = await openRuntime({ device: 'cpu' })
})
afterAll(() => runtime.close())

const floats = (shape: readonly number[], data: ArrayLike<number>): TensorData => ({
  dtype: 'float32',
  shape,
  data: Float32Array.from(data),
})

async function evaluate(outputs: Record<string, Tensor>, feeds: Record<string, TensorData> = {}) {
  const session = await new Sessions(runtime).of(graph('losses', outputs).name, outputs)
  const results = await session.run(feeds)
  return Object.fromEntries(Object.entries(results).map(([name, { data }]) => [name, [...(data as Float32Array)]]))
}

test('x_t runs from the picture at 0 to the noise at 1, per sample', async () => {
  const [x0, noise, t] = [input('x0', [3, 1, 2]), input('noise', [3, 1, 2]), input('t', [3])]
  const feeds = {
    x0: floats([3, 1, 2], [1, 2, 1, 2, 1, 2]),
    noise: floats([3, 1, 2], [5, 6, 5, 6, 5, 6]),
    t: floats([3], [0, 0.5, 1]),
  }
  const { xt } = await evaluate({ xt: noised(x0, noise, t) }, feeds)
  expect(xt).toEqual([1, 2, 3, 4, 5, 6])
})

test('the flow loss vanishes for the velocity from picture to noise alone', async () => {
  const [x0, noise] = [input('x0', [1, 2, 2]), input('noise', [1, 2, 2])]
  const [a, b] = [Float32Array.of(1, -2, 0.5, 3), Float32Array.of(0, 1, 2, -1)]
  const right = constant(
    b.map((x, i) => x - a[i]),
    [1, 2, 2],
  )
  const wrong = constant(
    a.map((x, i) => x - b[i]),
    [1, 2, 2],
  )
  const feeds = { x0: floats([1, 2, 2], a), noise: floats([1, 2, 2], b) }
  const losses = await evaluate({ right: flowLoss(right, x0, noise), wrong: flowLoss(wrong, x0, noise) }, feeds)
  expect(losses.right).toEqual([0])
  expect(losses.wrong[0]).toBeGreaterThan(1)
})

describe('two references of 1×2 tokens beside a picture of 2×2, three text tokens', () => {
  const size = (rows: number, columns: number) => ({ height: 16 * rows, width: 16 * columns })
  const layout = layoutTokens(size(2, 2), [
    { slot: 1, image: size(1, 2) },
    { slot: 2, image: size(1, 2) },
  ])
  const spans = sequenceSpans(3, layout)
  const shape = [2, 4, 3 + 8, 6]
  const values = (index: number): TensorData =>
    floats(shape, gaussianNoise(2 * 4 * 11 * 6, { seed: 1n, stream: 'latent', index }))
  const feeds = { q: values(0), k: values(1) }
  const heads = { q: input('q', shape), k: input('k', shape) }

  test('spans count from the text', () => {
    expect(spans).toEqual({
      text: { start: 0, count: 3 },
      image: { start: 3, count: 4 },
      references: [
        { start: 7, count: 2 },
        { start: 9, count: 2 },
      ],
    })
  })

  test('the raw map is the mean of all scores, though it is computed from mean queries', async () => {
    const { map } = await evaluate({ map: responseMap(heads, spans, spans.references[1], 'raw') }, feeds)
    const at = (tensor: TensorData, b: number, h: number, token: number, d: number): number =>
      Number(tensor.data[((b * 4 + h) * 11 + token) * 6 + d])
    const want = [0, 1].flatMap((b) =>
      [3, 4, 5, 6].map((key) => {
        let sum = 0
        for (let h = 0; h < 4; h++) {
          for (const query of [9, 10]) {
            for (let d = 0; d < 6; d++) sum += at(feeds.q, b, h, query, d) * at(feeds.k, b, h, key, d)
          }
        }
        return sum / Math.sqrt(6) / 8
      }),
    )
    for (const [i, x] of map.entries()) expect(x).toBeCloseTo(want[i], 5)
  })

  test('softmax maps are shares: of the picture they sum to 1, of all keys to less', async () => {
    const maps = await evaluate(
      {
        image: responseMap(heads, spans, spans.references[0], 'softmax'),
        all: responseMap(heads, spans, spans.references[0], 'softmax-full'),
        stretched: responseMap(heads, spans, spans.references[0], 'minmax'),
      },
      feeds,
    )
    const sums = (map: number[]): number[] => [map.slice(0, 4), map.slice(4)].map((row) => row.reduce((a, b) => a + b))
    for (const sum of sums(maps.image)) expect(sum).toBeCloseTo(1, 5)
    for (const sum of sums(maps.all)) expect(sum).toBeLessThan(1)
    for (const row of [maps.stretched.slice(0, 4), maps.stretched.slice(4)]) {
      expect([Math.min(...row), Math.max(...row)]).toEqual([0, 1])
    }
  })

  test('the routing loss is 0 when the maps are the masks', async () => {
    const maps = responseMaps([heads, heads], spans, 'raw')
    expect(maps.shape).toEqual([2, 2, 2, 4])
    const masks = input('masks', [2, 2, 4])
    const mask = { masks: floats([2, 2, 4], new Array(16).fill(0)) }
    const { maps: got, loss } = await evaluate({ maps, loss: routingLoss(maps, masks) }, { ...feeds, ...mask })
    expect(loss[0]).toBeCloseTo(got.reduce((sum, x) => sum + x * x, 0) / got.length, 6)
    const same = { masks: floats([2, 2, 4], got.slice(0, 16)) }
    const again = await evaluate({ loss: routingLoss(maps, masks) }, { ...feeds, ...same })
    expect(again.loss[0]).toBeCloseTo(0, 10)
  })

  // Queries of reference i and the key of word i point the same way; all else is zero.
  const paired = (match: readonly number[]): Record<string, TensorData> => {
    const [q, k] = [new Float32Array(528), new Float32Array(528)]
    for (let bh = 0; bh < 8; bh++) {
      for (const [i, token] of [7, 8, 9, 10].entries()) q[(bh * 11 + token) * 6 + Math.floor(i / 2)] = 10
      match.forEach((word, i) => {
        k[(bh * 11 + word) * 6 + i] = 10
      })
    }
    return { q: floats(shape, q), k: floats(shape, k) }
  }

  test('the placeholder loss falls when each reference looks at its own word', async () => {
    for (const variant of ['scaled', 'unscaled', 'text'] as const) {
      const loss = placeholderLoss([heads], spans, { positions: [0, 2], variant })
      const right = (await evaluate({ loss }, paired([0, 2]))).loss[0]
      const swapped = (await evaluate({ loss }, paired([2, 0]))).loss[0]
      expect(right).toBeLessThan(1e-6)
      expect(swapped).toBeGreaterThan(0.5)
    }
  })

  test('so does naming, whose gradient does not vanish where the share does', async () => {
    const loss = namingLoss([heads], spans, [0, 2])
    const [right, wrong] = await Promise.all(
      [
        [0, 2],
        [2, 0],
      ].map((match) => evaluate({ loss }, paired(match))),
    )
    expect(right.loss[0]).toBeLessThan(1e-3)
    expect(wrong.loss[0]).toBeCloseTo(-Math.log(1e-4), 1)
  })

  test('reading shares tell which reference the picture looks at, whatever else it looks at', async () => {
    const [q, k] = [new Float32Array(528), new Float32Array(528)]
    for (let bh = 0; bh < 8; bh++) {
      // Tokens 3 and 4 of the picture ask for what reference 1 has, token 5 for what reference 2 has, token 6 for nothing.
      for (const [token, d] of [
        [3, 0],
        [4, 0],
        [5, 1],
      ] as const)
        q[(bh * 11 + token) * 6 + d] = 10
      for (const [token, d] of [
        [7, 0],
        [8, 0],
        [9, 1],
        [10, 1],
      ] as const)
        k[(bh * 11 + token) * 6 + d] = 10
    }
    const masks = input('masks', [2, 2, 4])
    const outputs = { shares: readingShares(heads, spans), loss: readingLoss([heads, heads], spans, masks) }
    const of = async (mask: readonly number[]) =>
      evaluate(outputs, {
        ...{ q: floats(shape, q), k: floats(shape, k) },
        masks: floats([2, 2, 4], [...mask, ...mask]),
      })
    const right = await of([1, 1, 0, 0, 0, 0, 1, 0])
    for (const [i, share] of [1, 1, 0, 0.5, 0, 0, 1, 0.5].entries()) expect(right.shares[i]).toBeCloseTo(share, 4)
    expect(right.loss[0]).toBeCloseTo(0, 3)
    expect((await of([0, 0, 1, 0, 1, 1, 0, 0])).loss[0]).toBeCloseTo(-Math.log(1e-4), 1)
    expect((await of([0, 0, 0, 1, 0, 0, 0, 0])).loss[0]).toBeCloseTo(Math.LN2, 2) // it looks at both alike
    expect((await of([0, 0, 0, 0, 0, 0, 0, 0])).loss[0]).toBe(0)
  })
})

test('the probe keeps queries and keys of every layer in running order', () => {
  const { probe, layers } = headsProbe()
  const tensors = Object.fromEntries(
    ['double0_q', 'double0_k', 'double0_v', 'single0_q', 'single0_k', 'temb'].map((name) => [name, input(name, [1])]),
  )
  for (const [name, tensor] of Object.entries(tensors)) probe(name, tensor)
  expect(layers()).toEqual([
    { q: tensors.double0_q, k: tensors.double0_k },
    { q: tensors.single0_q, k: tensors.single0_k },
  ])
})
