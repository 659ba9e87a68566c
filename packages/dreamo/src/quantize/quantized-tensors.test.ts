// Rounding to few bits, and the products with what was rounded, against formulas in plain loops.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { input, type Tensor } from '@dreamgraph/onnx'
import { openRuntime, type Runtime, type TensorData } from '@dreamgraph/runtime'
import { openSafetensors, type WeightView, writeSafetensors } from '@dreamgraph/weights'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { gaussianNoise } from '../noise.js'
import { Sessions } from '../sessions.js'
import { quantizedProducts } from './quantized-layer.js'
import { quantizedTensors } from './quantized-tensors.js'
import type { LayerForm } from './schemes.js'

/** With scales; float16 has a test of its own. */
type ScaledForm = Exclude<LayerForm, { readonly kind: 'half' }>

let runtime: Runtime
let sessions: Sessions
let dir = ''
beforeAll(async () => {
  runtime = await openRuntime({ device: 'cpu' })
  sessions = new Sessions(runtime)
  dir = await mkdtemp(join(tmpdir(), 'quantized-'))
})
afterAll(async () => {
  await runtime.close()
  await rm(dir, { recursive: true, force: true })
})

const [height, width, tokens] = [6, 64, 5]
const noise = (count: number, index: number): Float32Array =>
  gaussianNoise(count, { seed: 1n, stream: 'latent', index })

/** Ordinary rows, one of zeros, and one with a value far from the others. */
function weights(): Float32Array {
  const w = noise(height * width, 0)
  w.fill(0, width, 2 * width)
  w[2 * width + 7] = -50
  return w
}

async function quantize(form: ScaledForm): Promise<Record<'values' | 'scales', TensorData>> {
  const feeds = { w: { dtype: 'float32', shape: [height, width], data: weights() } } as const
  const outputs = { ...quantizedTensors(input('w', [height, width]), form) }
  return (await sessions.once('quantize', outputs, feeds)) as Record<'values' | 'scales', TensorData>
}

/** The numbers that the stored ones stand for, [out, in]. */
function numbers(form: ScaledForm, { values, scales }: Record<'values' | 'scales', TensorData>): number[] {
  const stored = [...(values.data as Uint8Array)]
  const scale = scales.data as Float32Array
  const at = (row: number, column: number): number => {
    if (form.kind === 'int8') return stored[column * height + row]! * scale[row]!
    const factor = scale[row * (width / form.block) + Math.floor(column / form.block)]!
    const index = row * width + column
    if (form.bits === 8) return (stored[index]! - 128) * factor
    return (((stored[index >> 1]! >> (4 * (index & 1))) & 15) - 8) * factor
  }
  return Array.from({ length: height * width }, (_, i) => at(Math.floor(i / width), i % width))
}

const forms: readonly (readonly [string, ScaledForm])[] = [
  ['int8', { kind: 'int8' }],
  ['int8 in blocks', { kind: 'blocks', bits: 8, block: 16, copied: false }],
  ['int4 in blocks', { kind: 'blocks', bits: 4, block: 32, copied: false }],
]

test.each(forms)('%s: each number is within half a step', async (_, form) => {
  const w = weights()
  const made = numbers(form, await quantize(form))
  const block = form.kind === 'int8' ? width : form.block
  const steps = form.kind === 'blocks' && form.bits === 4 ? 8 : 127
  w.forEach((value, i) => {
    const from = i - (i % block)
    const largest = Math.max(...w.subarray(from, from + block).map(Math.abs))
    // On the side without the extreme four bits end a step earlier, at 7 of 8.
    const slack = steps === 8 ? 1 : 0.5
    expect(Math.abs(made[i]! - value)).toBeLessThanOrEqual((largest / steps) * slack * 1.001)
  })
  expect(made.slice(width, 2 * width).every((value) => value === 0)).toBe(true)
})

// The kernels round x to 8 bits as well, by row or by block: half a step of its largest value for each of 64 terms.
test.each(forms)('%s: the product is that of the numbers, but for the rounding of x', async (name, form) => {
  const made = await quantize(form)
  const file = join(dir, `${name.replaceAll(' ', '-')}.safetensors`)
  await writeSafetensors(file, [
    { name: 'values', dtype: form.kind === 'int8' ? 'I8' : 'U8', shape: made.values.shape, data: bytesOf(made.values) },
    { name: 'scales', dtype: 'F32', shape: made.scales.shape, data: bytesOf(made.scales) },
  ])
  const { tensors } = await openSafetensors(file)
  const view = (key: string): WeightView => tensors.get(key)!
  const product = quantizedProducts(new Map([['m', { form, values: view('values'), scales: view('scales') }]]))('m')!
  const x = noise(tokens * width, 1)
  x.fill(0, width, 2 * width)
  x.subarray(2 * width, 3 * width).forEach((value, i, row) => {
    row[i] = 100 * value // a token that is larger than the others
  })
  const inputs: Tensor = input('x', [1, tokens, width])
  const session = await sessions.of(name, { y: product(inputs) }, { weights: 'laid-out' })
  const { y } = await session.run({ x: { dtype: 'float32', shape: [1, tokens, width], data: x } })
  expect(y.shape).toEqual([1, tokens, height])
  const w = numbers(form, made)
  for (let token = 0; token < tokens; token++) {
    const row = x.subarray(token * width, (token + 1) * width)
    const half = Math.max(...row.map(Math.abs)) / 127 / 2
    for (let out = 0; out < height; out++) {
      const terms = Array.from(row, (value, i) => value * w[out * width + i]!)
      const bound = half * w.slice(out * width, (out + 1) * width).reduce((sum, value) => sum + Math.abs(value), 0)
      const exact = terms.reduce((a, b) => a + b, 0)
      expect(Math.abs((y.data as Float32Array)[token * height + out]! - exact)).toBeLessThanOrEqual(1.02 * bound + 1e-4)
    }
  }
})

const bytesOf = ({ data }: TensorData): Uint8Array =>
  new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength)
