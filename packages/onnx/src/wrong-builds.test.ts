// Every op refuses what does not fit, with a typed error, while the graph is built: [S4], [T1], [T2].
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type DType, dtypes } from './dtype.js'
import { OnnxError, type OnnxErrorCode, onnxErrorCodes } from './errors.js'
import type { Tensor } from './ir.js'
import { attention } from './ops/attention.js'
import { conv2d } from './ops/conv.js'
import { add, cast, div, exp, geluTanh, mul, neg, quickGelu, silu, sqrt, sub } from './ops/elementwise.js'
import { gather } from './ops/gather.js'
import { linear, matmul } from './ops/linalg.js'
import { concat, expand, reshape, slice, transpose } from './ops/movement.js'
import { groupNorm, layerNorm, rmsNorm, rotate } from './ops/norm.js'
import { mean, softmax, sum } from './ops/reduce.js'
import { upsampleNearest2x } from './ops/resize.js'
import { constant, input } from './tensor.js'

const x = (...shape: number[]): Tensor => input('x', shape)
const of = (dtype: DType, ...shape: number[]): Tensor => input('x', shape, dtype)
const epsilon = 1e-5
const pads = [0, 0, 0, 0] as const

const wrong: [what: string, code: OnnxErrorCode, build: () => Tensor][] = [
  ['add of shapes that do not broadcast', 'onnx/shape', () => add(x(2), x(3))],
  ['add of two element types', 'onnx/dtype', () => add(x(2), of('float16', 2))],
  ['add of bools', 'onnx/dtype', () => add(of('bool', 2), of('bool', 2))],
  ['mul of fp8', 'onnx/dtype', () => mul(of('float8e4m3fn', 2), of('float8e4m3fn', 2))],
  ['exp of whole numbers', 'onnx/dtype', () => exp(of('int64', 2))],
  ['sqrt of fp8', 'onnx/dtype', () => sqrt(of('float8e5m2', 2))],
  ['silu of whole numbers', 'onnx/dtype', () => silu(of('int32', 2))],
  ['product of vectors', 'onnx/shape', () => matmul(x(2), x(2))],
  ['product of widths that differ', 'onnx/shape', () => matmul(x(2, 3), x(2, 3))],
  ['linear of another width', 'onnx/shape', () => linear(x(5, 3), x(4, 2))],
  ['linear with a bias of another width', 'onnx/shape', () => linear(x(5, 3), x(4, 3), x(3))],
  ['linear with a bias of two axes', 'onnx/shape', () => linear(x(5, 3), x(4, 3), x(1, 4))],
  ['linear with a scalar', 'onnx/shape', () => linear(x(), x(4, 3))],
  ['linear with a vector as weight', 'onnx/shape', () => linear(x(3), x(3))],
  ['linear of bf16 and f32', 'onnx/dtype', () => linear(x(3), of('bfloat16', 4, 3))],
  ['conv of three axes', 'onnx/shape', () => conv2d(x(1, 3, 4), x(2, 3, 3, 3), undefined, { pads })],
  ['conv of other channels', 'onnx/shape', () => conv2d(x(1, 4, 4, 4), x(2, 3, 3, 3), undefined, { pads })],
  ['conv with a bias of other channels', 'onnx/shape', () => conv2d(x(1, 3, 4, 4), x(2, 3, 3, 3), x(3), { pads })],
  ['conv larger than the picture', 'onnx/shape', () => conv2d(x(1, 3, 2, 2), x(2, 3, 3, 3), undefined, { pads })],
  ['conv with stride 0', 'onnx/attribute', () => conv2d(x(1, 1, 4, 4), x(1, 1, 1, 1), undefined, { pads, stride: 0 })],
  [
    'conv with a stride backwards',
    'onnx/attribute',
    () => conv2d(x(1, 1, 1, 1), x(1, 1, 1, 1), undefined, { pads, stride: -1 }),
  ],
  [
    'conv with a negative pad',
    'onnx/attribute',
    () => conv2d(x(1, 1, 4, 4), x(1, 1, 1, 1), undefined, { pads: [0, -1, 0, 0] }),
  ],
  ['attention of two axes', 'onnx/shape', () => attention(x(3, 8), x(3, 8), x(3, 8), { heads: 2 })],
  ['attention with no head', 'onnx/shape', () => attention(x(1, 3, 8), x(1, 3, 8), x(1, 3, 8), { heads: 0 })],
  ['attention with negative heads', 'onnx/shape', () => attention(x(1, 3, 8), x(1, 3, 8), x(1, 3, 8), { heads: -2 })],
  ['attention with half a head', 'onnx/shape', () => attention(x(1, 3, 8), x(1, 3, 8), x(1, 3, 8), { heads: 0.5 })],
  ['attention with odd heads', 'onnx/shape', () => attention(x(1, 3, 8), x(1, 3, 8), x(1, 3, 8), { heads: 3 })],
  ['attention of two batches', 'onnx/shape', () => attention(x(2, 3, 8), x(1, 3, 8), x(1, 3, 8), { heads: 2 })],
  ['attention of keys without values', 'onnx/shape', () => attention(x(1, 3, 8), x(1, 4, 8), x(1, 3, 8), { heads: 2 })],
  [
    'attention with a bias over other keys',
    'onnx/shape',
    () => attention(x(1, 3, 8), x(1, 4, 8), x(1, 4, 8), { heads: 2, bias: x(1, 2, 3, 3) }),
  ],
  [
    'attention with a bias of two batches for one',
    'onnx/shape',
    () => attention(x(1, 3, 8), x(1, 3, 8), x(1, 3, 8), { heads: 2, bias: x(2, 2, 3, 3) }),
  ],
  [
    'attention with a bias of three heads for two',
    'onnx/shape',
    () => attention(x(1, 3, 8), x(1, 3, 8), x(1, 3, 8), { heads: 2, bias: x(1, 3, 3, 3) }),
  ],
  ['reshape to another count', 'onnx/shape', () => reshape(x(2, 3), { shape: [5] })],
  ['reshape with an open size', 'onnx/shape', () => reshape(x(2, 3), { shape: [-2, -3] })],
  ['transpose of another rank', 'onnx/attribute', () => transpose(x(2, 3), { perm: [0] })],
  ['transpose with an axis twice', 'onnx/attribute', () => transpose(x(2, 3), { perm: [1, 1] })],
  ['transpose with an axis twice in disguise', 'onnx/attribute', () => transpose(x(2, 3), { perm: [-1, 1] })],
  ['concat of nothing', 'onnx/shape', () => concat([], { axis: 0 })],
  ['concat of ranks', 'onnx/shape', () => concat([x(2), x(2, 1)], { axis: 0 })],
  ['concat of sizes', 'onnx/shape', () => concat([x(2, 3), x(2, 4)], { axis: 0 })],
  ['concat on no axis', 'onnx/attribute', () => concat([x(2), x(2)], { axis: 1 })],
  ['concat of types', 'onnx/dtype', () => concat([x(2), of('int64', 2)], { axis: 0 })],
  ['slice beyond the end', 'onnx/attribute', () => slice(x(4), { axis: 0, from: 2, to: 5 })],
  ['slice of nothing', 'onnx/attribute', () => slice(x(4), { axis: 0, from: 2, to: 2 })],
  ['slice between elements', 'onnx/attribute', () => slice(x(4), { axis: 0, from: 0.5, to: 1.5 })],
  ['slice of a scalar', 'onnx/attribute', () => slice(x(), { axis: 0, from: 0, to: 1 })],
  ['expand of a length other than 1', 'onnx/shape', () => expand(x(2), { shape: [4] })],
  ['expand to less', 'onnx/shape', () => expand(x(2, 3), { shape: [3] })],
  ['gather by float', 'onnx/dtype', () => gather(x(4, 2), x(2))],
  ['gather from a scalar', 'onnx/shape', () => gather(x(), of('int64', 2))],
  ['upsampling of three axes', 'onnx/shape', () => upsampleNearest2x(x(2, 3, 4))],
  ['layer norm of a scalar', 'onnx/shape', () => layerNorm(x(), { epsilon })],
  ['layer norm of another width', 'onnx/shape', () => layerNorm(x(2, 4), { epsilon, w: x(3) })],
  ['layer norm with a bias of another width', 'onnx/shape', () => layerNorm(x(2, 4), { epsilon, b: x(2) })],
  ['rms norm of another width', 'onnx/shape', () => rmsNorm(x(2, 4), { epsilon, w: x(2, 4) })],
  ['rms norm of whole numbers', 'onnx/dtype', () => rmsNorm(of('int32', 4), { epsilon, w: of('int32', 4) })],
  ['group norm of odd groups', 'onnx/shape', () => groupNorm(x(1, 4, 2, 2), { groups: 3, epsilon, w: x(4), b: x(4) })],
  ['group norm of no group', 'onnx/shape', () => groupNorm(x(1, 4, 2, 2), { groups: 0, epsilon, w: x(4), b: x(4) })],
  [
    'group norm of half a group',
    'onnx/shape',
    () => groupNorm(x(1, 4, 2, 2), { groups: 0.5, epsilon, w: x(4), b: x(4) }),
  ],
  ['group norm of tokens', 'onnx/shape', () => groupNorm(x(1, 4, 2), { groups: 2, epsilon, w: x(4), b: x(4) })],
  [
    'group norm with other weights',
    'onnx/shape',
    () => groupNorm(x(1, 4, 2, 2), { groups: 2, epsilon, w: x(2, 2), b: x(4) }),
  ],
  ['rotation with a table of other length', 'onnx/shape', () => rotate(x(1, 3, 8), x(4, 2), x(4, 2))],
  ['rotation with a table of other heads', 'onnx/shape', () => rotate(x(1, 3, 8), x(3, 3), x(3, 3))],
  ['rotation with tables that differ', 'onnx/shape', () => rotate(x(1, 3, 8), x(3, 2), x(3, 4))],
  ['rotation by half precision', 'onnx/dtype', () => rotate(x(1, 3, 8), of('float16', 3, 2), of('float16', 3, 2))],
  ['mean over no axis', 'onnx/attribute', () => mean(x(2, 3), { axes: [] })],
  ['mean over an axis twice', 'onnx/attribute', () => mean(x(2, 3), { axes: [1, -1] })],
  ['sum over an absent axis', 'onnx/attribute', () => sum(x(2, 3), { axes: [2] })],
  ['softmax over an absent axis', 'onnx/attribute', () => softmax(x(2, 3), 2)],
  ['softmax of a scalar', 'onnx/attribute', () => softmax(x())],
]

describe('[S4] what does not fit is refused while building', () => {
  test.each(wrong)('%s: %s', (_, code, build) => {
    expect(build).toThrow(expect.objectContaining({ name: 'OnnxError', code, userFault: true }))
  })
})

const dimension = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 1, max: 4 }) },
  fc.constantFrom(0, -1, 0.5, Number.NaN),
)
const shape = fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 5 })
const anyTensor = fc
  .record({
    shape,
    dtype: fc.oneof({ weight: 6, arbitrary: fc.constant<DType>('float32') }, fc.constantFrom(...dtypes)),
  })
  .map(({ shape, dtype }) => input('x', shape, dtype))
const numbers = fc.array(dimension, { maxLength: 4 })

test('[S4] any mix of operands and attributes gives a tensor or a typed error, never anything else', () => {
  const tensors = fc.array(anyTensor, { minLength: 4, maxLength: 4 })
  let built = 0
  const attempt = (build: () => Tensor) => {
    try {
      const { shape, dtype } = build()
      expect(shape.every((d) => Number.isSafeInteger(d) && d > 0)).toBe(true)
      expect(dtypes).toContain(dtype)
      built++
    } catch (error) {
      expect(error).toBeInstanceOf(OnnxError)
      expect(Object.keys(onnxErrorCodes)).toContain((error as OnnxError).code)
    }
  }
  fc.assert(
    fc.property(tensors, numbers, dimension, dimension, ([a, b, c, d], list, i, j) => {
      const pads = [i, j, i, j] as [number, number, number, number]
      const builds = [
        ...[add, sub, mul, div, matmul, gather].map((op) => () => op(a, b)),
        ...[neg, exp, sqrt, geluTanh, quickGelu, upsampleNearest2x].map((op) => () => op(a)),
        () => cast(a, b.dtype),
        () => linear(a, b, c),
        () => conv2d(a, b, c, { stride: i, pads }),
        () => attention(a, b, c, { heads: i }),
        () => attention(a, a, a, { heads: i, bias: d, causal: true }),
        () => concat([a, b, c].slice(0, Math.max(0, Math.round(j) || 0)), { axis: i }),
        ...[reshape, expand].map((op) => () => op(a, { shape: list })),
        () => slice(a, { axis: i, from: j, to: j + 1 }),
        () => transpose(a, { perm: list }),
        () => rotate(a, b, c),
        () => layerNorm(a, { epsilon, w: b, b: c }),
        () => layerNorm(a, { epsilon }),
        () => rmsNorm(a, { epsilon, w: b }),
        () => groupNorm(a, { groups: i, epsilon, w: b, b: c }),
        ...[mean, sum].map((op) => () => op(a, { axes: list })),
        () => softmax(a, i),
        () => constant(list, list),
        () => constant(1, list),
      ]
      for (const build of builds) attempt(build)
    }),
    { seed: 20_261, numRuns: 1500 },
  )
  expect(built).toBeGreaterThan(1000) // the mix is not all wrong
})
