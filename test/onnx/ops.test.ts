// Every op in a real session against its definition.
import { graph, input, withoutFusedAttention } from '@dreamgraph/onnx'
import { openRuntime, type Runtime } from '@dreamgraph/runtime'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { attentions, groups } from './cases.js'
import { expectClose, floats, randomValue, run } from './session.js'

let runtime: Runtime
beforeAll(async () => {
  runtime = await openRuntime({ device: 'cpu' })
})
afterAll(() => runtime.close())

describe.each(Object.entries(groups))('%s', (_, cases) => {
  test.each(cases)('%s', async (_, shapes, build, reference) => {
    const values = shapes.map((shape, i) => randomValue(shape, i))
    const y = build(shapes.map((shape, i) => input(`x${i}`, shape)))
    const feeds = Object.fromEntries(values.map((value, i) => [`x${i}`, floats(value)]))
    const want = reference(values)
    expectClose((await run(runtime, { y }, feeds)).y, want, 2e-6)
  })
})

describe('[L4] attention spelled out', () => {
  test.each(attentions)('%s', async (_, shapes, build, reference) => {
    const values = shapes.map((shape, i) => randomValue(shape, i))
    const y = build(shapes.map((shape, i) => input(`x${i}`, shape)))
    const feeds = Object.fromEntries(values.map((value, i) => [`x${i}`, floats(value)]))
    const plain = withoutFusedAttention(graph('g', { y })).outputs
    expectClose((await run(runtime, plain, feeds)).y, reference(values), 2e-6)
  })
})
