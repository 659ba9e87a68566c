// Estimates checked by hand. All tensors are float32, 4 bytes an element, unless the test says otherwise.
import { expect, test } from 'vitest'
import { graph } from './graph.js'
import { memoryOf } from './memory.js'
import { attention } from './ops/attention.js'
import { add, cast, exp, neg } from './ops/elementwise.js'
import { linear } from './ops/linalg.js'
import { concat } from './ops/movement.js'
import { constant, input, weight } from './tensor.js'

const part = (sizeBytes: number, file = '/w') => ({ file, offset: 0, sizeBytes })

test('[M1] a chain holds its input, one tensor and its successor', () => {
  const x = input('x', [100])
  // x 400 stays; neg 400 and exp 400 are alive together, then exp and neg.
  expect(memoryOf(graph('g', { y: neg(exp(neg(x))) }))).toEqual({
    weightBytes: 0,
    foldableBytes: 0,
    peakActivationBytes: 1200,
  })
})

test('[M1] a tensor lives until its last use', () => {
  const x = input('x', [100])
  const early = neg(x)
  const late = exp(exp(exp(early)))
  // x, early, and two of the chain; at the end x, early, the last exp and the sum.
  expect(memoryOf(graph('g', { y: add(early, late) })).peakActivationBytes).toBe(1600)
})

test('[M1] outputs stay', () => {
  const x = input('x', [100])
  const early = neg(x)
  const late = exp(exp(exp(early)))
  expect(memoryOf(graph('g', { late })).peakActivationBytes).toBe(1200)
  expect(memoryOf(graph('g', { early, late })).peakActivationBytes).toBe(1600)
})

test('[M1] the caller holds all inputs, also those that are used last or not changed', () => {
  const large = input('large', [1000])
  const small = input('small', [10])
  const y = concat([neg(exp(small)), large], { axis: 0 })
  // large 4000, small 40, neg 40, y 4040; exp is gone by then.
  expect(memoryOf(graph('g', { y })).peakActivationBytes).toBe(8120)
  expect(memoryOf(graph('g', { y: large })).peakActivationBytes).toBe(4000)
})

test('[M2] weights count as stored; what hangs on them alone counts as foldable', () => {
  const w = cast(weight('w', 'bfloat16', [8, 4], [part(64)]), 'float32') // 64 stored, 128 cast
  const fused = add(w, constant(1)) // 128
  const y = linear(input('x', [2, 4]), fused) // x 32, y 64
  expect(memoryOf(graph('g', { y }))).toEqual({ weightBytes: 64, foldableBytes: 256, peakActivationBytes: 96 })
})

test('[M2] parts that are joined make a copy', () => {
  const w = weight('w', 'float32', [8, 4], [part(64, '/a'), part(64, '/b')])
  expect(memoryOf(graph('g', { y: neg(w) }))).toMatchObject({ weightBytes: 128, foldableBytes: 256 })
})

test('[M3] scratch counts while its op runs', () => {
  const [q, k, v] = ['q', 'k', 'v'].map((name) => input(name, [1, 10, 8])) // 320 each
  const at = { heads: 2 }
  // Fused: as much as q again. With whole score matrices: 2 heads · 10 · 10 · 4.
  expect(memoryOf(graph('g', { y: attention(q, k, v, at) })).peakActivationBytes).toBe(4 * 320 + 320)
  expect(memoryOf(graph('g', { y: attention(q, k, v, { ...at, causal: true }) })).peakActivationBytes).toBe(
    4 * 320 + 800,
  )
})

test('[M1] element types have their sizes', () => {
  const x = input('x', [100], 'float16')
  expect(memoryOf(graph('g', { y: cast(x, 'float64') })).peakActivationBytes).toBe(200 + 800)
})
