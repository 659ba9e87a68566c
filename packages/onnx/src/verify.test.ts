// Sound graphs pass; a graph broken on purpose is found out, by the rule that was broken.
import { describe, expect, test } from 'vitest'
import { emit } from './emit.js'
import { type Graph, graph } from './graph.js'
import type { OpSource, Tensor } from './ir.js'
import { add } from './ops/elementwise.js'
import { linear } from './ops/linalg.js'
import { constant, input, weight } from './tensor.js'
import { problemsOf, verify } from './verify.js'

const part = { file: '/models/a.safetensors', offset: 8, sizeBytes: 24 }

/** %0 x, %1 w, %2 Gemm, %3 one, %4 Add. */
function sound(): Graph {
  const y = linear(input('x', [1, 3]), weight('w', 'float32', [2, 3], [part]))
  return graph('sound', { y: add(y, constant(1)) })
}

/** The graph with one tensor changed where it is listed and where it is used. */
function withTensor({ name, tensors, outputs }: Graph, at: number, change: Partial<Tensor>): Graph {
  const changed = new Map<Tensor, Tensor>()
  const copy = tensors.map((tensor, i) => {
    const { source } = tensor
    const inputs = source.kind === 'op' ? source.inputs.map((x) => changed.get(x) ?? x) : []
    const copied = {
      ...tensor,
      source: source.kind === 'op' ? { ...source, inputs } : source,
      ...(i === at ? change : {}),
    }
    changed.set(tensor, copied)
    return copied
  })
  const ends = Object.entries(outputs).map(([key, tensor]) => [key, changed.get(tensor)!] as const)
  return { name, tensors: copy, outputs: Object.fromEntries(ends) }
}

const sourceOf = ({ tensors }: Graph, at: number): OpSource => tensors[at].source as OpSource
const good = sound()

const broken: [rule: string, what: string, graph: Graph][] = [
  ['V1', 'no output', { ...good, outputs: {} }],
  ['V1', 'an output from elsewhere', { ...good, outputs: { y: constant(1) } }],
  ['V2', 'a use before its definition', { ...good, tensors: good.tensors.toReversed() }],
  ['V2', 'an operand that is not listed', { ...good, tensors: good.tensors.slice(1) }],
  ['V2', 'a tensor listed twice', { ...good, tensors: [...good.tensors, good.tensors[4]] }],
  ['V3', 'an empty dimension', withTensor(good, 3, { shape: [0] })],
  ['V3', 'a fractional dimension', withTensor(good, 0, { shape: [1, 2.5] })],
  ['V4', 'a shape that is not inferred', withTensor(good, 2, { shape: [2, 2] })],
  ['V4', 'a type that is not inferred', withTensor(good, 4, { dtype: 'float16' })],
  ['V4', 'an operand that the op refuses', withTensor(good, 0, { shape: [1, 4] })],
  ['V4', 'too few operands', withTensor(good, 2, { source: { ...sourceOf(good, 2), inputs: [good.tensors[0]] } })],
  [
    'V5',
    'a constant of too few bytes',
    withTensor(good, 3, { source: { kind: 'constant', bytes: new Uint8Array(3) } }),
  ],
  [
    'V5',
    'a weight of too few bytes',
    withTensor(good, 1, { source: { kind: 'weight', name: 'w', parts: [{ ...part, sizeBytes: 20 }] } }),
  ],
  [
    'V5',
    'a weight of torn rows',
    withTensor(good, 1, {
      source: {
        kind: 'weight',
        name: 'w',
        parts: [
          { ...part, sizeBytes: 8 },
          { ...part, sizeBytes: 16 },
        ],
      },
    }),
  ],
  ['V6', 'an output called as an input', { ...good, outputs: { x: good.tensors[4] } }],
  ['V6', 'two inputs of one name', graph('g', { y: add(input('x', [1]), input('x', [1])) })],
  ['V6', 'an input called as a weight', withTensor(good, 0, { source: { kind: 'input', name: 'w' } })],
  ['V6', 'an output without a name', { ...good, outputs: { '': good.tensors[4] } }],
  ['V6', 'an output with a name of emission', { ...good, outputs: { '%4': good.tensors[4] } }],
  ['V6', 'an input with a name of emission', withTensor(good, 0, { source: { kind: 'input', name: '%4' } })],
]

test('a graph that was built is sound', () => {
  expect(problemsOf(good)).toEqual([])
  expect(problemsOf(withTensor(good, 0, {}))).toEqual([])
})

describe('a broken graph is found out', () => {
  test.each(broken)('[%s] %s', (rule, _, mutated) => {
    const problems = problemsOf(mutated)
    expect(problems.join('\n')).toContain(`[${rule}]`)
    expect(() => verify(mutated)).toThrow(expect.objectContaining({ name: 'OnnxError', code: 'onnx/invalid-graph' }))
    expect(() => emit(mutated)).toThrow(problems[0])
  })
})

test('the verifier names every problem, with place, rule and value', () => {
  const mutated = withTensor({ ...good, outputs: { x: good.tensors[4] } }, 2, { shape: [1, 7] })
  expect(() => verify(mutated)).toThrowErrorMatchingInlineSnapshot(
    `[OnnxError: sound: expected a sound graph, got [V4] %2 Gemm is float32 [1,7] but infers float32 [1,2]; [V4] %4 Add is float32 [1,2] but infers float32 [1,7]; [V6] the name x is used by two tensors]`,
  )
})
