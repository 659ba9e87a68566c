// Every op's gradient against finite differences of its definition, in float64.
import {
  constant,
  gradients,
  graph,
  graphInputs,
  input,
  mul,
  reshape,
  sizeOf,
  sum,
  type Tensor,
} from '@dreamgraph/onnx'
import { openRuntime, type Runtime } from '@dreamgraph/runtime'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Case, groups } from './cases.js'
import type { Value } from './reference.js'
import { floats, randomValue, run } from './session.js'

let runtime: Runtime
beforeAll(async () => {
  runtime = await openRuntime({ device: 'cpu' })
})
afterAll(() => runtime.close())

const step = 1e-5
/** Elements of each input that are tried; a spread of them when there are more. */
const tried = 24

describe.each(Object.entries(groups))('[D3] gradients of %s', (_, cases) => {
  test.each(cases)('%s', async (_, shapes, build, reference, learnt = shapes.length) => {
    const values = shapes.map((shape, i) => randomValue(shape, i))
    const inputs = shapes.map((shape, i) => input(`x${i}`, shape))
    const { loss, lossOf } = weighted(build(inputs), reference)
    const roots = inputs.slice(0, learnt)
    const outputs = Object.fromEntries(gradients(loss, roots).map((gradient, i) => [`d${i}`, gradient]))
    const used = graphInputs(graph('gradients', outputs))
    const feeds = Object.fromEntries([...used.keys()].map((name) => [name, floats(values[Number(name.slice(1))])]))
    const got = await run(runtime, outputs, feeds)
    for (const [i] of roots.entries()) {
      expect(got[`d${i}`].shape).toEqual(shapes[i])
      for (const at of spread(values[i].data.length)) {
        const ahead = lossOf(shifted(values, i, at, step))
        const behind = lossOf(shifted(values, i, at, -step))
        const want = (ahead - behind) / (2 * step)
        const error = Math.abs(Number(got[`d${i}`].data[at]) - want) / (1 + Math.abs(want))
        expect(error, `input ${i}, element ${at}: expected ${want}, got ${got[`d${i}`].data[at]}`).toBeLessThan(2e-5)
      }
    }
  })
})

/** A loss that every element of the result has a part in, with a weight of its own. */
function weighted(y: Tensor, reference: Case[3]): { loss: Tensor; lossOf: (values: Value[]) => number } {
  const weights = randomValue(y.shape, 99)
  const factors = constant(Float32Array.from(weights.data), y.shape)
  const loss = sum(reshape(mul(y, factors), { shape: [sizeOf(y.shape)] }), { axes: [0] })
  const lossOf = (values: Value[]): number =>
    reference(values).data.reduce((total, x, i) => total + x * weights.data[i], 0)
  return { loss, lossOf }
}

function shifted(values: readonly Value[], which: number, at: number, by: number): Value[] {
  return values.map((value, i) => {
    if (i !== which) return value
    const data = value.data.slice()
    data[at] += by
    return { ...value, data }
  })
}

const spread = (length: number): number[] =>
  Array.from({ length: Math.min(length, tried) }, (_, i) => Math.floor((i * length) / Math.min(length, tried)))
