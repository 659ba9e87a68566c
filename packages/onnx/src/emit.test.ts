// The emitted bytes are read back with the same codec and compared to the graph; real sessions run them in test/onnx.
import { describe, expect, test } from 'vitest'
import { emit } from './emit.js'
import { type Graph, graph } from './graph.js'
import { define, type Op } from './op.js'
import { attention } from './ops/attention.js'
import { add, cast, geluTanh, mul } from './ops/elementwise.js'
import { linear } from './ops/linalg.js'
import { reshape, slice } from './ops/movement.js'
import { mean } from './ops/reduce.js'
import { ModelProto } from './proto.js'
import { constant, input, weight } from './tensor.js'

interface Decoded {
  irVersion: number
  opsetImport: { domain: string; version: number }[]
  graph: {
    name: string
    node: { opType: string; domain: string; name: string; input: string[]; output: string[]; attribute: Attribute[] }[]
    initializer: {
      name: string
      dims: number[]
      dataType: number
      rawData?: Uint8Array
      dataLocation?: number
      externalData: { key: string; value: string }[]
    }[]
    input: { name: string; type: { tensorType: { elemType: number; shape: { dim: { dimValue: number }[] } } } }[]
    output: Decoded['graph']['input']
  }
}
type Attribute = { name: string; type: number; f?: number; i?: number; s?: Uint8Array; ints: number[] }

function decoded(model: Graph): Decoded {
  const message = ModelProto.decode(Uint8Array.from(emit(model)))
  return ModelProto.toObject(message, { longs: Number, arrays: true, objects: true }) as Decoded
}

const part = (sizeBytes: number, file = '/models/a.safetensors', offset = 0) => ({ file, offset, sizeBytes })
const nodesOf = (model: Graph) =>
  decoded(model).graph.node.map(({ opType, input, output }) => ({ opType, input, output }))

test('[E1] a model states its versions and both operator sets', () => {
  const { irVersion, opsetImport, graph: body } = decoded(graph('tiny', { y: geluTanh(input('x', [2])) }))
  expect(irVersion).toBe(10)
  expect(opsetImport).toEqual([
    { domain: '', version: 20 },
    { domain: 'com.microsoft', version: 1 },
  ])
  expect(body.name).toBe('tiny')
})

test('[E2] inputs and weights keep their names, computed tensors are called as they print', () => {
  const w = weight('w', 'float32', [4, 3], [part(48)])
  const y = geluTanh(linear(input('x', [2, 3]), w))
  expect(nodesOf(graph('g', { y }))).toEqual([
    { opType: 'Gemm', input: ['x', 'w'], output: ['%2'] },
    { opType: 'Gelu', input: ['%2'], output: ['%3'] },
    { opType: 'Identity', input: ['%3'], output: ['y'] },
  ])
})

test('[E2] public names that look like emitted ones do no harm', () => {
  const names = ['t0', '0', 'w#0', '1.operand1', 'a.part0']
  const y = names.map((name) => input(name, [2])).reduce((sum, x) => add(sum, x))
  const { node, input: inputs } = decoded(graph('g', { t1: slice(y, { axis: 0, from: 0, to: 1 }) })).graph
  expect(inputs.map(({ name }) => name)).toEqual(names)
  const made = node.flatMap(({ output }) => output)
  expect(new Set([...made, ...names]).size).toBe(made.length + names.length)
})

test('[E3] inputs and outputs state type and shape; a tensor may have two names, an input may be an output', () => {
  const x = input('x', [2, 3], 'float16')
  const y = mul(x, x)
  const {
    input: inputs,
    output,
    node,
  } = decoded(
    graph('g', {
      y,
      again: y,
      same: x,
      total: reshape(cast(slice(slice(y, { axis: 0, from: 0, to: 1 }), { axis: 1, from: 0, to: 1 }), 'int64'), {
        shape: [],
      }),
    }),
  ).graph
  const types = [...inputs, ...output].map(({ name, type: { tensorType } }) => [
    name,
    tensorType.elemType,
    tensorType.shape.dim.map(({ dimValue }) => dimValue),
  ])
  expect(types).toEqual([
    ['x', 10, [2, 3]],
    ['y', 10, [2, 3]],
    ['again', 10, [2, 3]],
    ['same', 10, [2, 3]],
    ['total', 7, []],
  ])
  expect(node.slice(-4).map(({ opType, input, output }) => [opType, ...input, ...output])).toEqual([
    ['Identity', '%1', 'y'],
    ['Identity', '%1', 'again'],
    ['Identity', 'x', 'same'],
    ['Identity', '%5', 'total'],
  ])
})

describe('[E4] a weight points into its file', () => {
  test('by a path relative to the root of the file system, an offset and a length', () => {
    const w = weight('w', 'bfloat16', [4, 3], [part(24, '/models/flux dev/a.safetensors', 5 * 2 ** 32)])
    const [initializer] = decoded(graph('g', { y: cast(w, 'float32') })).graph.initializer
    expect(initializer).toMatchObject({ name: 'w', dims: [4, 3], dataType: 16, dataLocation: 1 })
    expect(Object.fromEntries(initializer.externalData.map(({ key, value }) => [key, value]))).toEqual({
      location: 'models/flux dev/a.safetensors',
      offset: '21474836480',
      length: '24',
    })
  })

  test('on Windows relative to the root of its drive', () => {
    const w = weight('w', 'uint8', [2], [part(2, 'D:\\models\\a.safetensors')])
    const [{ externalData }] = decoded(graph('g', { w2: cast(w, 'float32') })).graph.initializer
    expect(externalData[0]).toEqual({ key: 'location', value: 'models/a.safetensors' })
  })

  test('[E5] parts are one initializer each, joined along axis 0', () => {
    const w = weight('qkv', 'float32', [4, 3], [part(12, '/a'), part(36, '/b')])
    const { initializer, node } = decoded(graph('g', { y: geluTanh(w) })).graph
    expect(initializer.map(({ name, dims }) => [name, dims])).toEqual([
      ['%qkv.part0', [1, 3]],
      ['%qkv.part1', [3, 3]],
    ])
    expect(node[0]).toMatchObject({ opType: 'Concat', input: ['%qkv.part0', '%qkv.part1'], output: ['qkv'] })
    expect(node[0].attribute[0]).toMatchObject({ name: 'axis', type: 2, i: 0 })
  })

  test('[E5] parts of fp8 are joined as float16', () => {
    const w = weight('w', 'float8e5m2', [4, 3], [part(3, '/a'), part(9, '/b')])
    const model = graph('g', { y: cast(w, 'float32') })
    expect(nodesOf(model).slice(0, 4)).toEqual([
      { opType: 'Cast', input: ['%w.part0'], output: ['%w.part0.half'] },
      { opType: 'Cast', input: ['%w.part1'], output: ['%w.part1.half'] },
      { opType: 'Concat', input: ['%w.part0.half', '%w.part1.half'], output: ['%w.half'] },
      { opType: 'Cast', input: ['%w.half'], output: ['w'] },
    ])
    // Infinities stay: saturation would make them the largest number.
    expect(decoded(model).graph.node[3].attribute).toMatchObject([
      { name: 'to', i: 19 },
      { name: 'saturate', i: 0 },
    ])
  })
})

test('[E6] constants and lists of int64 are in the model, raw and little-endian', () => {
  const y = mean(mul(input('x', [2, 3]), constant([1, 2, 3], [3])), { axes: [-1] })
  const { initializer, node } = decoded(graph('g', { y })).graph
  expect(initializer).toMatchObject([
    { name: '%1', dims: [3], dataType: 1, rawData: new Uint8Array(Float32Array.of(1, 2, 3).buffer) },
    { name: '%3.operand1', dims: [1], dataType: 7, rawData: new Uint8Array(BigInt64Array.of(-1n).buffer) },
  ])
  expect(node[1].input).toEqual(['%2', '%3.operand1'])
})

test('[E7] attributes have ONNX’s types; an absent operand is an empty name', () => {
  const [q, k, v] = ['q', 'k', 'v'].map((name) => input(name, [1, 3, 8]))
  const y = geluTanh(attention(q, k, v, { heads: 2, scale: 1, bias: input('bias', [1, 1, 3, 3]) }))
  const { node } = decoded(graph('g', { y })).graph
  expect(node[0]).toMatchObject({ domain: 'com.microsoft', input: ['q', 'k', 'v', '', '', 'bias'] })
  expect(node[0].attribute).toMatchObject([
    { name: 'num_heads', type: 2, i: 2 },
    { name: 'scale', type: 1, f: 1 },
    { name: 'unidirectional', type: 2, i: 0 },
  ])
  expect(node[1].attribute).toMatchObject([{ name: 'approximate', type: 3, s: new TextEncoder().encode('tanh') }])
})

test('[E7] a fraction where ONNX wants a whole number is our own bug', () => {
  const odd: Op<1, { axis: number }> = define({ onnx: 'Softmax', infer: ([x]) => x })
  const model = graph('g', { y: odd(input('x', [2]), { axis: 0.5 }) })
  expect(() => emit(model)).toThrow('internal: attribute axis: expected a whole number, got 0.5')
})

test('[E8] what hangs on weights alone comes first, each group in graph order', () => {
  const stored = (name: string) => cast(weight(name, 'bfloat16', [3, 3], [part(18)]), 'float32')
  const x = input('x', [1, 3])
  const y = linear(geluTanh(linear(x, stored('w1'))), add(stored('w2'), constant(1)))
  const order = nodesOf(graph('g', { y })).map(({ opType, input }) => `${opType} ${input[0]}`)
  expect(order).toEqual(['Cast w1', 'Cast w2', 'Add %6', 'Gemm x', 'Gelu %3', 'Gemm %4', 'Identity %9'])
})

test('the same graph gives the same bytes', () => {
  const build = () =>
    graph('g', { y: geluTanh(linear(input('x', [2, 3]), weight('w', 'float32', [4, 3], [part(48)]))) })
  expect(emit(build())).toEqual(emit(build()))
})
