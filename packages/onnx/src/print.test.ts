import { expect, test } from 'vitest'
import { graph } from './graph.js'
import { attention } from './ops/attention.js'
import { conv2d } from './ops/conv.js'
import { add, cast, mul, quickGelu, sigmoid } from './ops/elementwise.js'
import { gather } from './ops/gather.js'
import { linear } from './ops/linalg.js'
import { concat, slice } from './ops/movement.js'
import { groupNorm, layerNorm, rotate } from './ops/norm.js'
import { upsampleNearest2x } from './ops/resize.js'
import { print } from './print.js'
import { constant, constantInt64, input, weight } from './tensor.js'

const weightOf = (name: string, ...shape: number[]) =>
  weight(name, 'float32', shape, [{ file: '/w', offset: 0, sizeBytes: 4 * shape.reduce((n, d) => n * d, 1) }])

test('[P1] a line for each tensor: number, type, where it comes from', () => {
  const x = input('x', [1, 5, 4])
  const w = cast(weight('mlp.weight', 'bfloat16', [2, 4], [{ file: '/w', offset: 0, sizeBytes: 16 }]), 'float32')
  const y = sigmoid(mul(linear(x, w), constant(1.702)))
  const table = constant(new Float32Array(12), [6, 2])
  const rows = gather(table, constantInt64([5, 0]))
  const block = graph('block', {
    y,
    rows: concat([slice(y, { axis: 1, from: 1, to: 3 }), add(slice(y, { axis: 1, from: 0, to: 2 }), rows)], {
      axis: 1,
    }),
  })
  expect(print(block)).toMatchInlineSnapshot(`
    "graph block
      %0 f32[1,5,4] = input x
      %1 f32[5,4] = Reshape(%0, shape=[5,4])
      %2 bf16[2,4] = weight mlp.weight
      %3 f32[2,4] = Cast(%2, to="float32")
      %4 f32[5,2] = Gemm(%1, %3, transA=0, transB=1)
      %5 f32[1,5,2] = Reshape(%4, shape=[1,5,2])
      %6 f32[] = constant 1.702
      %7 f32[1,5,2] = Mul(%5, %6)
      %8 f32[1,5,2] = Sigmoid(%7)
      %9 f32[1,2,2] = Slice(%8, axis=1, from=1, to=3)
      %10 f32[1,2,2] = Slice(%8, axis=1, from=0, to=2)
      %11 f32[6,2] = constant of 12 values
      %12 i64[2] = constant 5 0
      %13 f32[2,2] = Gather(%11, %12)
      %14 f32[1,2,2] = Add(%10, %13)
      %15 f32[1,4,2] = Concat(%9, %14, axis=1)
      return y = %8
      return rows = %15"
  `)
})

test('[P1] attributes are shown, as the IR knows them', () => {
  const q = rotate(input('q', [1, 3, 8]), input('cos', [3, 2]), input('sin', [3, 2]))
  const mixed = attention(layerNorm(q, { epsilon: 1e-6 }), q, q, { heads: 2, causal: true })
  expect(print(graph('attention', { mixed }))).toMatchInlineSnapshot(`
    "graph attention
      %0 f32[1,3,8] = input q
      %1 i64[1] = constant 0
      %2 f32[3,2] = input cos
      %3 f32[3,2] = input sin
      %4 f32[1,3,8] = RotaryEmbedding(%0, %1, %2, %3)
      %5 f32[8] = constant of 8 values
      %6 f32[1,3,8] = LayerNormalization(%4, %5, epsilon=0.000001)
      %7 f32[1,3,8] = MultiHeadAttention(%6, %4, %4, heads=2, scale=0.5, causal=1)
      return mixed = %7"
  `)
})

test('[L3] what ONNX lacks is spelled out in ops that it has', () => {
  const image = input('image', [1, 4, 2, 2])
  const normal = groupNorm(image, { groups: 2, epsilon: 1e-6, w: weightOf('w', 4), b: weightOf('b', 4) })
  const kernel = weightOf('kernel', 3, 4, 3, 3)
  const picture = conv2d(upsampleNearest2x(normal), kernel, undefined, { stride: 2, pads: [0, 0, 1, 1] })
  expect(print(graph('picture', { picture }))).toMatchInlineSnapshot(`
    "graph picture
      %0 f32[1,4,2,2] = input image
      %1 f32[1,2,8] = Reshape(%0, shape=[1,2,8])
      %2 f32[2] = constant 1 1
      %3 f32[2] = constant 0 0
      %4 f32[1,2,8] = InstanceNormalization(%1, %2, %3, epsilon=0.000001)
      %5 f32[1,4,2,2] = Reshape(%4, shape=[1,4,2,2])
      %6 f32[4] = weight w
      %7 f32[1,4,1,1] = Reshape(%6, shape=[1,4,1,1])
      %8 f32[1,4,2,2] = Mul(%5, %7)
      %9 f32[4] = weight b
      %10 f32[1,4,1,1] = Reshape(%9, shape=[1,4,1,1])
      %11 f32[1,4,2,2] = Add(%8, %10)
      %12 f32[1,4,4,4] = Resize(%11)
      %13 f32[3,4,3,3] = weight kernel
      %14 f32[1,3,2,2] = Conv(%12, %13, stride=2, dilation=1, pads=[0,0,1,1])
      return picture = %14"
  `)
})

test('[P2] the same graph prints the same text', () => {
  const build = () => graph('g', { y: quickGelu(input('x', [2])) })
  expect(print(build())).toBe(print(build()))
})
