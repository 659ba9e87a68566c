// [D6] Recomputation changes memory and time, never a gradient.
import {
  add,
  type Graph,
  geluTanh,
  gradients,
  graph,
  graphInputs,
  input,
  linear,
  memoryOf,
  mul,
  print,
  recomputed,
  reshape,
  sizeOf,
  sum,
  type Tensor,
  tanh,
} from '@dreamgraph/onnx'
import { openRuntime, type Runtime } from '@dreamgraph/runtime'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { floats, randomValue, run } from './session.js'

let runtime: Runtime
beforeAll(async () => {
  runtime = await openRuntime({ device: 'cpu' })
})
afterAll(() => runtime.close())

type Build = (inputs: readonly Tensor[]) => readonly Tensor[]
type Wrap = (inputs: readonly Tensor[], build: Build) => readonly Tensor[]

const plain: Wrap = (inputs, build) => build(inputs)
const total = (x: Tensor): Tensor =>
  reshape(sum(reshape(x, { shape: [sizeOf(x.shape)] }), { axes: [0] }), { shape: [] })

/** Gradients of a loss built both ways, on the same values. */
async function bothWays(lossOf: (wrap: Wrap) => { loss: Tensor; wrt: Tensor[] }) {
  const models = [plain, recomputed].map((wrap) => {
    const { loss, wrt } = lossOf(wrap)
    return graph('both', Object.fromEntries([...gradients(loss, wrt).entries()].map(([i, g]) => [`d${i}`, g])))
  })
  const results = await Promise.all(
    models.map((model) => {
      const names = [...graphInputs(model)]
      const feeds = Object.fromEntries(names.map(([name, { shape }], i) => [name, floats(randomValue(shape, i))]))
      return run(runtime, model.outputs, Object.fromEntries(Object.entries(feeds)))
    }),
  )
  return { models, results }
}

function expectSame([a, b]: Awaited<ReturnType<typeof bothWays>>['results']): void {
  for (const [name, { data }] of Object.entries(a)) {
    for (const [i, x] of [...(data as Float32Array)].entries()) expect(Number(b[name].data[i])).toBeCloseTo(x, 4)
  }
}

/** A stack of two-stream blocks, as FLUX has them: each mixes the streams with weights of its own. */
function stack(wrap: Wrap, depth: number): { loss: Tensor; wrt: Tensor[] } {
  const [rows, width] = [64, 16]
  const weights = Array.from({ length: depth }, (_, i) => [
    input(`a${i}`, [width, width]),
    input(`b${i}`, [width, width]),
  ])
  const shared = input('shared', [1, width])
  let streams: readonly Tensor[] = [input('x', [rows, width]), input('y', [rows, width])]
  for (const [a, b] of weights) {
    streams = wrap([...streams, shared], ([x, y, vec]) => {
      const mixed = geluTanh(add(linear(x, a), mul(vec, y)))
      return [add(x, tanh(linear(mixed, b))), add(y, mixed)]
    })
  }
  const loss = total(mul(streams[0], add(streams[1], shared)))
  return { loss, wrt: [...weights.flat(), shared] }
}

test('[D6] a stack of blocks has the same gradients, for weights inside and for what all blocks share', async () => {
  const { results } = await bothWays((wrap) => stack(wrap, 4))
  expectSame(results)
})

test('[D6] the memory of a deep stack grows by its streams, not by what lies inside its blocks', () => {
  const peak = (wrap: Wrap): number => {
    const { loss, wrt } = stack(wrap, 24)
    return memoryOf(graph('deep', Object.fromEntries(gradients(loss, wrt).map((g, i) => [`d${i}`, g]))))
      .peakActivationBytes
  }
  expect(peak(recomputed)).toBeLessThan(0.6 * peak(plain))
})

test('[D6] regions nest, outputs may go unused or stand twice, and an input may be an output', async () => {
  const { results } = await bothWays((wrap) => {
    const [x, w] = [input('x', [3, 4]), input('w', [4, 4])]
    const [y, , same, again] = wrap([x], ([a]) => {
      const [inner] = wrap([a], ([b]) => [tanh(linear(b, w))])
      const product = mul(inner, a)
      return [product, geluTanh(inner), a, product]
    })
    return { loss: total(mul(mul(y, same), again)), wrt: [x, w] }
  })
  expectSame(results)
})

test('[D6] what leaves a region past its outputs is differentiated too', async () => {
  const { results } = await bothWays((wrap) => {
    const [x, w] = [input('x', [3, 4]), input('w', [4, 4])]
    const leaks: Tensor[] = []
    const [y] = wrap([x], ([a]) => {
      const inner = tanh(linear(a, w))
      leaks.push(inner)
      return [mul(inner, inner)]
    })
    return { loss: total(mul(y, leaks[0])), wrt: [x, w] }
  })
  expectSame(results)
})

test('[D6] the second computation waits for the gradient', () => {
  const [x, w] = [input('x', [2, 2]), input('w', [2, 2])]
  const [y] = recomputed([x], ([a]) => [tanh(tanh(linear(a, w)))])
  const text = print(graph('waits', { dw: gradients(total(mul(y, y)), [w])[0] }) satisfies Graph)
  expect(text.match(/= Tanh/g)).toHaveLength(4)
  expect(text).toContain('Concat')
})
