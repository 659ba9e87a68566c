// Random small graphs: each verifies, emits, runs and equals its evaluation by definition.
import {
  add,
  attention,
  concat,
  conv2d,
  emit,
  geluTanh,
  graph,
  groupNorm,
  input,
  layerNorm,
  linear,
  matmul,
  mean,
  mul,
  problemsOf,
  reshape,
  silu,
  slice,
  softmax,
  sub,
  sum,
  type Tensor,
  tanh,
  transpose,
  upsampleNearest2x,
} from '@dreamgraph/onnx'
import { openRuntime, type Runtime, type TensorData } from '@dreamgraph/runtime'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import * as ref from './reference.js'
import { expectClose, floats, randomValue, run } from './session.js'

/** A tensor of the graph and what it must come out as. */
interface Node {
  readonly tensor: Tensor
  readonly value: ref.Value
}

/** What a step may draw on: a node made so far, a whole number below a bound, a new input. */
interface Choice {
  node(): Node
  below(bound: number): number
  input(shape: readonly number[]): Node
}

type Step = (choice: Choice) => Node | undefined

const node = (tensor: Tensor, value: ref.Value): Node => ({ tensor, value })

const unary: [(x: Tensor) => Tensor, (x: ref.Value) => ref.Value][] = [
  [tanh, ref.tanh],
  [silu, ref.silu],
  [geluTanh, ref.geluTanh],
]
const binary: [(a: Tensor, b: Tensor) => Tensor, (a: ref.Value, b: ref.Value) => ref.Value][] = [
  [add, ref.add],
  [sub, ref.sub],
  [mul, ref.mul],
]

/** Values are kept small, or errors would grow from op to op beyond any tolerance. */
const calm = ({ tensor, value }: Node): Node => node(tanh(tensor), ref.tanh(value))

/** Steps that do not apply to what was drawn make nothing. */
const steps: Step[] = [
  (c) => {
    const [x, [op, reference]] = [c.node(), unary[c.below(unary.length)]]
    return node(op(x.tensor), reference(x.value))
  },
  (c) => {
    const [x, [op, reference]] = [c.node(), binary[c.below(binary.length)]]
    // Leading axes are dropped and others set to 1: the shapes broadcast by construction.
    const shape = x.value.shape.slice(c.below(x.value.shape.length + 1)).map((d) => (c.below(3) ? d : 1))
    const y = c.input(shape)
    return calm(node(op(x.tensor, y.tensor), reference(x.value, y.value)))
  },
  (c) => {
    const x = c.node()
    if (x.value.shape.length === 0) return undefined
    const out = 1 + c.below(5)
    const w = c.input([out, x.value.shape.at(-1)!])
    const b = c.below(2) ? c.input([out]) : undefined
    return calm(node(linear(x.tensor, w.tensor, b?.tensor), ref.linear(x.value, w.value, b?.value)))
  },
  (c) => {
    const x = c.node()
    if (x.value.shape.length < 2) return undefined
    const y = c.input([x.value.shape.at(-1)!, 1 + c.below(4)])
    return calm(node(matmul(x.tensor, y.tensor), ref.matmul(x.value, y.value)))
  },
  (c) => {
    const x = c.node()
    const perm = x.value.shape.map((_, i) => i).sort(() => c.below(3) - 1)
    return node(transpose(x.tensor, { perm }), ref.transpose(x.value, perm))
  },
  (c) => {
    const x = c.node()
    const size = x.value.data.length
    const rows = 1 + c.below(size)
    const shape = size % rows === 0 ? [rows, size / rows] : [size]
    return node(reshape(x.tensor, { shape }), ref.reshape(x.value, shape))
  },
  (c) => {
    const x = c.node()
    const rank = x.value.shape.length
    if (rank === 0) return undefined
    const axis = c.below(rank)
    const from = c.below(x.value.shape[axis])
    const to = from + 1 + c.below(x.value.shape[axis] - from)
    const at = c.below(2) ? axis : axis - rank
    return node(slice(x.tensor, { axis: at, from, to }), ref.slice(x.value, axis, from, to))
  },
  (c) => {
    const x = c.node()
    if (x.value.shape.length === 0 || x.value.data.length > 500) return undefined
    const axis = c.below(x.value.shape.length)
    const y = c.input(x.value.shape.with(axis, 1 + c.below(3)))
    const parts = c.below(2) ? [x, y, x] : [y, x]
    const joined = concat(
      parts.map((part) => part.tensor),
      { axis },
    )
    return node(
      joined,
      ref.concat(
        parts.map((part) => part.value),
        axis,
      ),
    )
  },
  (c) => {
    const x = c.node()
    const rank = x.value.shape.length
    if (rank === 0) return undefined
    const axis = c.below(rank)
    if (c.below(3) === 0) return node(softmax(x.tensor, axis), ref.softmax(x.value, axis))
    const axes = c.below(2) ? [axis] : x.value.shape.map((_, i) => i - rank)
    if (c.below(2)) return node(mean(x.tensor, { axes }), ref.mean(x.value, axes))
    return calm(node(sum(x.tensor, { axes }), ref.sum(x.value, axes)))
  },
  (c) => {
    const x = c.node()
    if (x.value.shape.length === 0) return undefined
    const w = c.below(2) ? c.input(x.value.shape.slice(-1)) : undefined
    return calm(node(layerNorm(x.tensor, { epsilon: 0.1, w: w?.tensor }), ref.layerNorm(x.value, 0.1, w?.value)))
  },
  (c) => {
    const [heads, size, queries, keys] = [1 + c.below(3), 1 + c.below(3), 1 + c.below(5), 1 + c.below(5)]
    const [q, k, v] = [queries, keys, keys].map((length) => c.input([1, length, heads * size]))
    const bias = c.below(2) ? c.input([1, c.below(2) ? heads : 1, queries, keys]) : undefined
    return node(
      attention(q.tensor, k.tensor, v.tensor, { heads, bias: bias?.tensor }),
      ref.attention(q.value, k.value, v.value, { heads, bias: bias?.value }),
    )
  },
  (c) => {
    const [groups, width] = [1 + c.below(2), 1 + c.below(2)]
    const channels = groups * width
    const x = c.input([1, channels, 2 + c.below(3), 2 + c.below(3)])
    const [w, b] = [c.input([channels]), c.input([channels])]
    const normal = groupNorm(x.tensor, { groups, epsilon: 0.1, w: w.tensor, b: b.tensor })
    const [stride, pads] = [1 + c.below(2), [c.below(2), c.below(2), c.below(2), c.below(2)] as const]
    const kernel = c.input([2, channels, 2, 2])
    return calm(
      node(
        conv2d(upsampleNearest2x(normal), kernel.tensor, undefined, { stride, pads: [...pads] }),
        ref.conv2d(
          ref.upsampleNearest2x(ref.groupNorm(x.value, groups, 0.1, w.value, b.value)),
          kernel.value,
          undefined,
          stride,
          pads,
        ),
      ),
    )
  },
]

let runtime: Runtime
beforeAll(async () => {
  runtime = await openRuntime({ device: 'cpu' })
})
afterAll(() => runtime.close())

test('random graphs verify, emit, run and equal their evaluation', async () => {
  let computed = 0
  const instruction = fc.record({
    step: fc.nat(steps.length - 1),
    draws: fc.array(fc.nat(1000), { minLength: 12, maxLength: 12 }),
  })
  const program = fc.array(instruction, { minLength: 1, maxLength: 12 })
  await fc.assert(
    fc.asyncProperty(program, async (instructions) => {
      const feeds: Record<string, TensorData> = {}
      const nodes: Node[] = []
      const newInput = (shape: readonly number[]): Node => {
        const name = `in${Object.keys(feeds).length}`
        const value = randomValue(shape, Object.keys(feeds).length)
        feeds[name] = floats(value)
        return node(input(name, shape), value)
      }
      nodes.push(newInput([2, 3, 4]))
      for (const { step, draws } of instructions) {
        const rest = [...draws]
        const below = (bound: number): number => (rest.pop() ?? 0) % bound
        const made = steps[step]({ below, node: () => nodes[below(nodes.length)], input: newInput })
        if (made) nodes.push(made)
      }
      const outputs = Object.fromEntries(nodes.map(({ tensor }, i) => [`out${i}`, tensor]))
      const model = graph('random', outputs)
      expect(problemsOf(model)).toEqual([])
      expect(emit(model)).toEqual(emit(model))
      const got = await run(runtime, outputs, feeds)
      for (const [i, { value }] of nodes.entries()) expectClose(got[`out${i}`], value, 2e-5)
      computed += nodes.length
    }),
    { seed: 31_415, numRuns: 120, endOnFailure: true },
  )
  expect(computed).toBeGreaterThan(500)
})
