import { expect, test } from 'vitest'
import { fixedTensors, graph, graphInputs } from './graph.js'
import type { Tensor } from './ir.js'
import { add, cast, mul } from './ops/elementwise.js'
import { constant, input, weight } from './tensor.js'

const part = { file: '/w', offset: 0, sizeBytes: 8 }

test('[G1] a graph is what its outputs need, each tensor once and after its operands', () => {
  const [a, b] = [input('a', [2]), input('b', [2])]
  const sum = add(a, b)
  const product = mul(sum, sum)
  mul(sum, b) // leads nowhere
  expect(graph('g', { product, sum }).tensors).toEqual([a, b, sum, product])
})

test('[G1] operands come in the order in which they are read, whatever the depth', () => {
  let x: Tensor = input('x', [1])
  const one = constant(1)
  for (let i = 0; i < 50_000; i++) x = add(x, one)
  const { tensors } = graph('deep', { x })
  expect(tensors.length).toBe(50_002)
  expect(tensors[1]).toBe(one)
  expect(tensors[50_001]).toBe(x)
})

test('inputs are found by name, in order of use', () => {
  const [a, b] = [input('a', [1]), input('b', [1])]
  expect([...graphInputs(graph('g', { y: add(b, a) })).keys()]).toEqual(['b', 'a'])
})

test('[M2] fixed is what no input changes', () => {
  const w = cast(weight('w', 'bfloat16', [4], [part]), 'float32')
  const doubled = mul(w, constant(2))
  const y = mul(input('x', [4]), doubled)
  const { tensors } = graph('g', { y })
  const fixed = fixedTensors(tensors)
  expect([w, doubled, y].map((tensor) => fixed.has(tensor))).toEqual([true, true, false])
})
