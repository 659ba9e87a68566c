import { graph, input, memoryOf, print, problemsOf } from '@dreamgraph/onnx'
import { describe, expect, test } from 'vitest'
import { expectedWeights } from './component.js'
import { parseClipConfig, parseFluxConfig, parseT5Config, parseVaeConfig } from './configs.js'
import { type Adapters, declaredParameters, linearLayer, parametersOf, within } from './parameters.js'
import { fluxClip, fluxDev, fluxSchnell, fluxT5, fluxVae, hollowView, hollowWeights } from './testing/full-size.js'

describe('the models ask for what the published checkpoints hold', () => {
  test.each([
    ['FLUX.1-dev', () => expectedWeights('transformer', parseFluxConfig(fluxDev)), 1160, 11_901_408_320],
    ['FLUX.1-schnell', () => expectedWeights('transformer', parseFluxConfig(fluxSchnell)), 1156, 11_891_178_560],
    ['the autoencoder', () => expectedWeights('vae', parseVaeConfig(fluxVae)), 244, 83_819_683],
    ['CLIP-L', () => expectedWeights('clip', parseClipConfig(fluxClip)), 196, 123_060_480],
    ['T5-XXL', () => expectedWeights('t5', parseT5Config(fluxT5)), 219, 4_762_310_656],
  ])('%s', (_, expected, tensors, parameters) => {
    const shapes = expected()
    expect(shapes.length).toBe(tensors)
    expect(shapes.reduce((sum, { shape }) => sum + shape.reduce((n, d) => n * d, 1), 0)).toBe(parameters)
    expect(new Set(shapes.map(({ name }) => name)).size).toBe(tensors)
  })
})

const layer = hollowWeights([
  { name: 'block.to_q.weight', shape: [4, 3] },
  { name: 'block.to_q.bias', shape: [4] },
])
const adapterOf = (name: string, rank: number, scale: number) => ({
  name,
  down: hollowView('down', [rank, 3]),
  up: hollowView('up', [4, rank]),
  scale,
})
const adapters: Adapters = new Map([['block.to_q', [adapterOf('lora0', 2, 1), adapterOf('lora1', 1, -0.8)]]])

test('declared parameters are named once, under their prefixes, with shapes', () => {
  const declared = declaredParameters((p) => {
    const block = within(within(p, 'block'), 'inner')
    linearLayer(block, 'to_q', linearLayer(block, 'to_q', input('x', [1, 4]), 4), 4)
    linearLayer(p, 'out', input('x', [1, 4]), 2, { bias: false })
  })
  expect(declared).toEqual([
    { name: 'block.inner.to_q.weight', shape: [4, 4] },
    { name: 'block.inner.to_q.bias', shape: [4] },
    { name: 'out.weight', shape: [2, 4] },
  ])
})

test('LoRA branches run beside the layer, each with its scale', () => {
  const p = within(parametersOf(layer, { adapters }), 'block')
  const model = graph('branches', { y: linearLayer(p, 'to_q', input('x', [5, 3]), 4) })
  expect(problemsOf(model)).toEqual([])
  expect(print(model)).toMatchInlineSnapshot(`
    "graph branches
      %0 f32[5,3] = input x
      %1 f32[4,3] = weight block.to_q.weight
      %2 f32[4] = weight block.to_q.bias
      %3 f32[5,4] = Gemm(%0, %1, %2, transA=0, transB=1)
      %4 f32[2,3] = weight lora0/block.to_q.down
      %5 f32[5,2] = Gemm(%0, %4, transA=0, transB=1)
      %6 f32[4,2] = weight lora0/block.to_q.up
      %7 f32[5,4] = Gemm(%5, %6, transA=0, transB=1)
      %8 f32[5,4] = Add(%3, %7)
      %9 f32[1,3] = weight lora1/block.to_q.down
      %10 f32[5,1] = Gemm(%0, %9, transA=0, transB=1)
      %11 f32[] = constant -0.8
      %12 f32[5,1] = Mul(%10, %11)
      %13 f32[4,1] = weight lora1/block.to_q.up
      %14 f32[5,4] = Gemm(%12, %13, transA=0, transB=1)
      %15 f32[5,4] = Add(%8, %14)
      return y = %15"
  `)
  expect(memoryOf(model).foldableBytes).toBe(0)
})

test('fused LoRA is added to the weight, where nothing hangs on inputs', () => {
  const p = within(parametersOf(layer, { adapters, loraMode: 'fused' }), 'block')
  const model = graph('fused', { y: linearLayer(p, 'to_q', input('x', [5, 3]), 4) })
  expect(problemsOf(model)).toEqual([])
  expect(print(model)).toMatchInlineSnapshot(`
    "graph fused
      %0 f32[5,3] = input x
      %1 f32[4,3] = weight block.to_q.weight
      %2 f32[4,2] = weight lora0/block.to_q.up
      %3 f32[2,3] = weight lora0/block.to_q.down
      %4 f32[4,3] = MatMul(%2, %3)
      %5 f32[4,3] = Add(%1, %4)
      %6 f32[4,1] = weight lora1/block.to_q.up
      %7 f32[1,3] = weight lora1/block.to_q.down
      %8 f32[4,3] = MatMul(%6, %7)
      %9 f32[] = constant -0.8
      %10 f32[4,3] = Mul(%8, %9)
      %11 f32[4,3] = Add(%5, %10)
      %12 f32[4] = weight block.to_q.bias
      %13 f32[5,4] = Gemm(%0, %11, %12, transA=0, transB=1)
      return y = %13"
  `)
  expect(p.branches('to_q')).toEqual([])
})

test('a weight that is asked for twice is one tensor', () => {
  const p = parametersOf(layer, { adapters })
  expect(p.weight('block.to_q.bias', [4])).toBe(p.weight('block.to_q.bias', [4]))
})

test('scaled fp8 is cast, then multiplied', () => {
  const view = { ...hollowView('w', [2, 2], 'F8_E4M3'), scale: 0.25 }
  const model = graph('scaled', { w: parametersOf(new Map([['w', view]])).weight('w', [2, 2]) })
  expect(print(model)).toMatchInlineSnapshot(`
    "graph scaled
      %0 f8e4m3[2,2] = weight w
      %1 f32[2,2] = Cast(%0, to="float32")
      %2 f32[] = constant 0.25
      %3 f32[2,2] = Mul(%1, %2)
      return w = %3"
  `)
})

test('what the match report has let through by mistake is our own bug', () => {
  const p = parametersOf(new Map([...layer, ['ids', { ...hollowView('ids', [2]), dtype: 'I64' as const }]]))
  expect(() => p.weight('absent', [1])).toThrow(/^internal: absent: expected a matched weight, got none/)
  expect(() => p.weight('block.to_q.bias', [5])).toThrow(/^internal: .*expected \[5\], got \[4\]/)
  expect(() => p.weight('ids', [2])).toThrow(/^internal: ids: expected a float storage type, got I64/)
})
