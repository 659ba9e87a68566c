import { expect, test } from 'vitest'
import { graph } from '../graph.js'
import { memoryOf } from '../memory.js'
import { print } from '../print.js'
import { input } from '../tensor.js'
import { problemsOf } from '../verify.js'
import { attention } from './attention.js'
import { neg } from './elementwise.js'
import { withoutFusedAttention } from './plain-attention.js'

const qkv = (...shape: number[]) => ['q', 'k', 'v'].map((name) => input(name, shape))

test('[L4] fused attention is spelled out as products and a softmax', () => {
  const [q, k, v] = qkv(1, 2, 4)
  const plain = withoutFusedAttention(graph('g', { y: attention(q, k, v, { heads: 2, causal: true }) }))
  expect(problemsOf(plain)).toEqual([])
  expect(print(plain)).toMatchInlineSnapshot(`
    "graph g
      %0 f32[1,2,4] = input q
      %1 f32[1,2,2,2] = Reshape(%0, shape=[1,2,2,2])
      %2 f32[1,2,2,2] = Transpose(%1, perm=[0,2,1,3])
      %3 f32[1,2,4] = input k
      %4 f32[1,2,2,2] = Reshape(%3, shape=[1,2,2,2])
      %5 f32[1,2,2,2] = Transpose(%4, perm=[0,2,1,3])
      %6 f32[1,2,2,2] = Transpose(%5, perm=[0,1,3,2])
      %7 f32[1,2,2,2] = MatMul(%2, %6)
      %8 f32[] = constant 0.7071068
      %9 f32[1,2,2,2] = Mul(%7, %8)
      %10 f32[2,2] = constant 0 -1e+30 0 0
      %11 f32[1,2,2,2] = Add(%9, %10)
      %12 f32[1,2,2,2] = Softmax(%11, axis=-1)
      %13 f32[1,2,4] = input v
      %14 f32[1,2,2,2] = Reshape(%13, shape=[1,2,2,2])
      %15 f32[1,2,2,2] = Transpose(%14, perm=[0,2,1,3])
      %16 f32[1,2,2,2] = MatMul(%12, %15)
      %17 f32[1,2,2,2] = Transpose(%16, perm=[0,2,1,3])
      %18 f32[1,2,4] = Reshape(%17, shape=[1,2,4])
      return y = %18"
  `)
})

test('[L4] what does not hang on attention stays the same tensor', () => {
  const [q, k, v] = qkv(1, 2, 4)
  const before = neg(q)
  const { tensors } = withoutFusedAttention(graph('g', { y: neg(attention(before, k, v, { heads: 1 })) }))
  expect(tensors).toContain(before)
  const untouched = graph('g', { before })
  expect(withoutFusedAttention(untouched)).toEqual(untouched)
})

test('[L4] long sequences are cut into blocks of queries whose scores stay below 256 MiB', () => {
  const [q, k, v] = qkv(1, 5000, 32)
  const bias = input('bias', [1, 1, 5000, 5000])
  const plain = withoutFusedAttention(graph('g', { y: attention(q, k, v, { heads: 4, bias }) }))
  expect(problemsOf(plain)).toEqual([])
  const blocks = plain.tensors.filter(({ source }) => source.kind === 'op' && source.op.onnx === 'Softmax')
  expect(blocks.map(({ shape }) => shape)).toEqual([
    [1, 4, 3355, 5000],
    [1, 4, 1645, 5000],
  ])
  const scores = 4 * 3355 * 5000 * 4
  expect(scores).toBeLessThanOrEqual(2 ** 28)
  expect(memoryOf(plain).peakActivationBytes).toBeLessThan(5000 * 5000 * 4 * 2 + 4 * scores)
})
