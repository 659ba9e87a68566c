// Weights of every storage type in real files, and element types through a graph.
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  add,
  cast,
  concat,
  constantInt64,
  type DType,
  gather,
  input,
  linear,
  mul,
  neg,
  quickGelu,
  reshape,
  slice,
  sub,
  transpose,
  weight,
} from '@dreamgraph/onnx'
import { openRuntime, type Runtime, type TensorData } from '@dreamgraph/runtime'
import { decodeFloats, encodeFloats } from '@dreamgraph/weights'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as ref from './reference.js'
import { expectClose, floats, randomValue, run } from './session.js'

let runtime: Runtime
let folder: string
beforeAll(async () => {
  runtime = await openRuntime({ device: 'cpu' })
  folder = await mkdtemp(join(tmpdir(), 'dreamgraph-onnx-'))
})
afterAll(async () => {
  await runtime.close()
  await rm(folder, { recursive: true })
})

const stored = [
  ['float32', 'F32'],
  ['float16', 'F16'],
  ['bfloat16', 'BF16'],
  ['float64', 'F64'],
  ['float8e4m3fn', 'F8_E4M3'],
  ['float8e5m2', 'F8_E5M2'],
] as const

/** A value as a storage type holds it, and the bytes it holds it in. */
function storedAs(name: (typeof stored)[number][1], value: ref.Value): { value: ref.Value; bytes: Uint8Array } {
  const bytes = encodeFloats(Float32Array.from(value.data), name, 'a test value')
  return { bytes, value: { ...value, data: Float64Array.from(decodeFloats(bytes, name, 'a test value')) } }
}

describe.each(stored)('[E4] a weight stored as %s', (dtype, name) => {
  const x = randomValue([2, 6], 1)
  const { value: w, bytes } = storedAs(name, randomValue([4, 6], 2))
  const rowBytes = bytes.length / 4
  const layer = (parts: { file: string; offset: number; sizeBytes: number }[]) => ({
    y: linear(input('x', [2, 6]), cast(weight('w', dtype, [4, 6], parts), 'float32')),
  })

  test('is read at its offset and cast in the graph', async () => {
    const file = join(folder, `${dtype}.bin`)
    await writeFile(file, Buffer.concat([Buffer.alloc(40, 0xff), bytes]))
    const { y } = await run(runtime, layer([{ file, offset: 40, sizeBytes: bytes.length }]), { x: floats(x) })
    expectClose(y, ref.linear(x, w), 2e-6)
  })

  test('[E5] is joined from rows in two files, one behind a symbolic link', async () => {
    const files = ['a', 'b'].map((part) => join(folder, `${dtype}-${part}.bin`))
    const link = join(folder, `${dtype}-link.bin`)
    await writeFile(files[0], bytes.subarray(0, rowBytes))
    await writeFile(files[1], Buffer.concat([Buffer.alloc(16), bytes.subarray(rowBytes)]))
    await symlink(files[1], link)
    const parts = [
      { file: files[0], offset: 0, sizeBytes: rowBytes },
      { file: link, offset: 16, sizeBytes: 3 * rowBytes },
    ]
    const { y } = await run(runtime, layer(parts), { x: floats(x) })
    expectClose(y, ref.linear(x, w), 2e-6)
  })
})

test('[E4] two weights share a file, and one weight may be used twice', async () => {
  const [a, b] = [randomValue([3], 1), randomValue([3], 2)]
  const file = join(folder, 'shared.bin')
  await writeFile(file, Buffer.from(Float32Array.from([...a.data, ...b.data]).buffer))
  const [wa, wb] = ['a', 'b'].map((name, i) => weight(name, 'float32', [3], [{ file, offset: 12 * i, sizeBytes: 12 }]))
  const { y } = await run(runtime, { y: add(mul(wa, wb), neg(wa)) }, {})
  expectClose(y, ref.add(ref.mul(a, b), ref.neg(a)), 1e-6)
})

test('[T2] fp8 and bool are cast, though not computed with', async () => {
  const flags = { dtype: 'bool', shape: [3], data: Uint8Array.of(1, 0, 1) } as const
  const { y } = await run(runtime, { y: cast(input('x', [3], 'bool'), 'float32') }, { x: flags })
  expect([...y.data]).toEqual([1, 0, 1])
})

describe('casts round as the storage types do', () => {
  const x = randomValue([64], 3)
  test.each(stored)('%s', async (dtype, name) => {
    const there = cast(input('x', [64]), dtype)
    const y = dtype === 'float32' ? neg(neg(there)) : cast(there, 'float32')
    expectClose((await run(runtime, { y }, { x: floats(x) })).y, storedAs(name, x).value, 0)
  })
})

const feeds: Partial<Record<DType, TensorData>> = {
  int64: { dtype: 'int64', shape: [2, 3], data: BigInt64Array.of(1n, -2n, 3n, -4n, 2n ** 40n, 6n) },
  int32: { dtype: 'int32', shape: [2, 3], data: Int32Array.of(1, -2, 3, -4, 5, 6) },
  uint8: { dtype: 'uint8', shape: [2, 3], data: Uint8Array.of(1, 2, 3, 4, 5, 255) },
  int8: { dtype: 'int8', shape: [2, 3], data: Int8Array.of(1, -2, 3, -4, 5, -128) },
  bool: { dtype: 'bool', shape: [2, 3], data: Uint8Array.of(1, 0, 0, 1, 1, 0) },
  float16: { dtype: 'float16', shape: [2, 3], data: Uint16Array.of(0x3c00, 0xc000, 0x4200, 0x7bff, 1, 0) },
}

describe.each(Object.keys(feeds) as (keyof typeof feeds)[])('%s', (dtype) => {
  test('is moved unchanged', async () => {
    const x = input('x', [2, 3], dtype)
    const turned = reshape(transpose(x, { perm: [1, 0] }), { shape: [6, 1] })
    const rows = gather(turned, constantInt64([1, 0]))
    const y = concat([rows, slice(turned, { axis: 0, from: 2, to: 6 })], { axis: 0 })
    const { data } = feeds[dtype]!
    const got = (await run(runtime, { y }, { x: feeds[dtype]! })).y
    expect(got).toMatchObject({ dtype, shape: [6, 1] })
    expect([...got.data]).toEqual([3, 0, 1, 4, 2, 5].map((i) => data[i]))
  })
})

test('whole numbers are computed with as whole numbers', async () => {
  const x = input('x', [2, 3], 'int64')
  const data = BigInt64Array.of(1n, -2n, 3n, -4n, 2n ** 31n + 1n, 6n)
  const { y } = await run(runtime, { y: sub(mul(x, x), x) }, { x: { dtype: 'int64', shape: [2, 3], data } })
  expect([...y.data]).toEqual([...data].map((value) => value * value - value))
})

test.each([
  ['float16', 2e-3],
  ['float64', 1e-7],
] as const)('a graph computes in %s', async (dtype, tolerance) => {
  const values = [randomValue([4, 8], 4), randomValue([3, 8], 5)]
  const [x, w] = values.map((value, i) => cast(input(`x${i}`, value.shape), dtype))
  const y = cast(quickGelu(linear(x, w)), 'float32')
  const got = await run(runtime, { y }, { x0: floats(values[0]), x1: floats(values[1]) })
  expectClose(got.y, ref.quickGelu(ref.linear(values[0], values[1])), tolerance)
})
